import { judged, type Report, type Row } from "./report.ts";
import { seededRandom } from "./sim/random.ts";
import type { LineProcess } from "./site/process.ts";
import { ScenarioSite } from "./site/site.ts";
import { verify } from "./site/verify.ts";

export const VICTIMS = ["collector", "hub", "postgres"] as const;
export type Victim = (typeof VICTIMS)[number];

const EVENTS_PER_SECOND = 400;
const SAMPLES_PER_SECOND = 5_000;
const LIFE_MS_MAX = 900;
const HUB_LIFE_MS_MAX = 2_500;
/** What the hub has read but not committed when the stream ends, plus what it commits meanwhile. */
const BATCH_EVENTS_MAX = 500;
const RESTART_MS_MAX = 2_000;

/** SIGKILL at random points under load; whatever was acknowledged has to be there, once, in order. */
export async function killScenario(options: { rounds: number; seed: number; victim: Victim }): Promise<Report> {
  const { rounds, seed, victim } = options;
  const site = await ScenarioSite.open({
    seed,
    eventsPerSecond: EVENTS_PER_SECOND,
    samplesPerSecond: SAMPLES_PER_SECOND,
    devicesMax: 8,
  });
  try {
    const run =
      victim === "collector" ? await killCollector(site, rounds, seed) : await killBehind(site, rounds, seed, victim);
    const { kept } = site;
    const found = await verify(site);
    const rows: Row[] = [
      { subject: victim, metric: "kills", value: rounds, unit: "" },
      { subject: "events", metric: "acknowledged", value: kept.events.size, unit: "" },
      { subject: "events", metric: "stored", value: found.eventsStored, unit: "" },
      { subject: "samples", metric: "acknowledged", value: kept.sampleCount(), unit: "" },
      { subject: "samples", metric: "missing", value: found.samplesMissing, unit: "" },
      { subject: "samples", metric: "counted by gaps", value: found.samplesCounted, unit: "" },
      ...run,
    ];
    return judged(`kill ${victim} (seed ${seed})`, rows, found.violations);
  } finally {
    await site.close();
  }
}

async function killCollector(site: ScenarioSite, rounds: number, seed: number): Promise<Row[]> {
  const random = seededRandom(seed);
  let collector = await site.startCollector();
  await site.untilReady(1);
  await site.until("the link is up", () => site.kept.pending.isUp, 20_000);
  let mostRepeated = 0;
  let repeated = await repeatedEvents(site);
  let readyBefore = 0;
  for (let round = 0; round < rounds; round += 1) {
    // Now and then before it is ready: a start can be interrupted too.
    const wantsReady = random.chance(0.9);
    if (wantsReady) await site.until("a restart", () => site.kept.readyMs.length > readyBefore, 30_000);
    await Bun.sleep(random.between(0, LIFE_MS_MAX));
    await collector.kill();
    readyBefore = site.kept.readyMs.length;
    site.kept.pending = { events: 0, samples: 0, isUp: false };
    collector = await site.startCollector();
    const now = await repeatedEvents(site);
    mostRepeated = Math.max(mostRepeated, now - repeated);
    repeated = now;
  }
  await site.drain(collector);
  await collector.stop();
  const ready = site.kept.readyMs.toSorted((a, b) => a - b);
  return [
    { subject: "restart", metric: "p50", value: ready[ready.length >> 1] ?? 0, unit: "ms" },
    { subject: "restart", metric: "slowest", value: ready.at(-1) ?? 0, unit: "ms", atMost: RESTART_MS_MAX },
    {
      subject: "events",
      metric: "sent twice, most for one kill",
      value: mostRepeated,
      unit: "",
      atMost: BATCH_EVENTS_MAX,
    },
    { subject: "events", metric: "sent twice, all kills", value: repeated, unit: "" },
  ];
}

async function killBehind(
  site: ScenarioSite,
  rounds: number,
  seed: number,
  victim: "hub" | "postgres",
): Promise<Row[]> {
  const random = seededRandom(seed);
  const collector: LineProcess = await site.startCollector();
  await site.untilReady(1);
  for (let round = 0; round < rounds; round += 1) {
    await Bun.sleep(random.between(0, HUB_LIFE_MS_MAX));
    if (victim === "hub") {
      await site.hub.kill();
      await site.startHub();
    } else {
      await site.killPostgres();
      await site.startPostgres();
    }
    if (!collector.isAlive) return [{ subject: "collector", metric: "alive", value: 0, unit: "", atLeast: 1 }];
    if (!site.hub.isAlive) return [{ subject: "hub", metric: "alive", value: 0, unit: "", atLeast: 1 }];
  }
  await site.drain(collector);
  await collector.stop();
  return [];
}

async function repeatedEvents(site: ScenarioSite): Promise<number> {
  const { url, apiToken } = site.addresses;
  const response = await fetch(new URL("/metrics", url), { headers: { authorization: `Bearer ${apiToken}` } });
  return Number(/^watchpost_events_repeated_total (\d+)/m.exec(await response.text())?.[1] ?? 0);
}

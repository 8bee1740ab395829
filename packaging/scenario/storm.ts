import { untilAnalysed } from "./fleet/analysed.ts";
import { deviceDown, enrolFleet, moments } from "./fleet/fleet.ts";
import { type CpuSeconds, cpuOf, rssOf } from "./fleet/usage.ts";
import { judged, type Report, type Row } from "./report.ts";
import { ScenarioSite } from "./site/site.ts";

const BACKLOG_EVENTS = 400;
const ALL_MS_MAX = 180_000;
const WELCOME_MS_MAX = 60_000;
const LIVE_MS_MAX = 30_000;
/** The last incident has its analysis after this time. */
const ANALYSED_MS_MAX = 120_000;
const RSS_GROWTH_MIB_MAX = 400;
const MIB = 1_048_576;

/** Every collector comes back in the same moment, each with a day's backlog and then an incident of now. */
export async function stormScenario(options: { clients: number; seed: number }): Promise<Report> {
  const site = await ScenarioSite.open({ seed: options.seed, eventsPerSecond: 0, samplesPerSecond: 0, devicesMax: 1 });
  try {
    const fleet = await enrolFleet(site, options.clients);
    for (const [i, client] of fleet.entries())
      client.add([...moments(BACKLOG_EVENTS, `sw-${i}`), deviceDown(`sw-${i}`)]);
    const rssBefore = rssOf(site.hub.pid);
    let rssMost = rssBefore;
    const watchMemory = () => {
      rssMost = Math.max(rssMost, rssOf(site.hub.pid));
    };
    const cpu = cpuOf(site);
    const from = performance.now();
    const welcomed: number[] = [];
    const live: number[] = [];
    for (const client of fleet) {
      client.onAck = (seq) => {
        if (client.streams === 1 && welcomed.length < fleet.length && seq === 0)
          welcomed.push(performance.now() - from);
        if (seq === client.lastSeq) live.push(performance.now() - from);
      };
      client.connect();
    }
    await site.until(
      "every backlog is stored",
      () => {
        watchMemory();
        return fleet.every((client) => client.ackedSeq === client.lastSeq);
      },
      ALL_MS_MAX,
    );
    const tookMs = performance.now() - from;
    const storedCpu = cpu();
    const analysedMs = tookMs + (await untilAnalysed(site, fleet.length, watchMemory));
    const analysedCpu = cpu();
    const reconnects = fleet.reduce((sum, client) => sum + client.streams - 1, 0);
    for (const client of fleet) client.close();
    const times = { welcomed, live, tookMs, analysedMs };
    return judged(
      "storm",
      rowsOf({ clients: options.clients, times, reconnects, storedCpu, analysedCpu, rssBefore, rssMost }),
    );
  } finally {
    await site.close();
  }
}

interface Figures {
  clients: number;
  /** Milliseconds from the moment in which all came. */
  times: { welcomed: number[]; live: number[]; tookMs: number; analysedMs: number };
  reconnects: number;
  storedCpu: CpuSeconds;
  analysedCpu: CpuSeconds;
  rssBefore: number;
  rssMost: number;
}

function rowsOf({ times, ...seen }: Figures): Row[] {
  const events = seen.clients * (BACKLOG_EVENTS + 1);
  return [
    plain("storm", "collectors", "", seen.clients),
    plain("storm", "events waiting", "", events),
    bounded(
      { subject: "streams", metric: "last one welcomed after", unit: "ms" },
      Math.max(0, ...times.welcomed),
      WELCOME_MS_MAX,
    ),
    plain("streams", "lost and opened again", "", seen.reconnects),
    bounded(
      { subject: "incidents", metric: "last live one stored after", unit: "ms" },
      Math.max(0, ...times.live),
      LIVE_MS_MAX,
    ),
    bounded({ subject: "incidents", metric: "last one analysed after", unit: "ms" }, times.analysedMs, ANALYSED_MS_MAX),
    plain("hub", "CPU until all is stored", "s", seen.storedCpu.hub),
    plain("hub", "CPU until all is analysed", "s", seen.analysedCpu.hub),
    plain("Postgres", "CPU until all is stored", "s", seen.storedCpu.postgres),
    plain("Postgres", "CPU until all is analysed", "s", seen.analysedCpu.postgres),
    plain("events", "stored a second", "/s", Math.round(events / (times.tookMs / 1_000))),
    plain("hub", "memory before", "MiB", Math.round(seen.rssBefore / MIB)),
    bounded(
      { subject: "hub", metric: "memory added at most", unit: "MiB" },
      (seen.rssMost - seen.rssBefore) / MIB,
      RSS_GROWTH_MIB_MAX,
    ),
  ];
}

function plain(subject: string, metric: string, unit: string, value: number): Row {
  return { subject, metric, unit, value: Math.round(value * 10) / 10 };
}

function bounded(row: Omit<Row, "value" | "atMost">, value: number, atMost: number): Row {
  return { ...row, value: Math.round(value), atMost };
}

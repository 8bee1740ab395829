import postgres from "postgres";
import { judged, type Report } from "./report.ts";
import { ScenarioSite } from "./site/site.ts";
import { verify } from "./site/verify.ts";

const DAY_MS = 86_400_000;
const EVENTS_PER_SECOND = 50;
/** Between two steps; long enough for polls and heartbeats on either side. */
const STEP_MS = 6_000;
const OFFSET_DEADLINE_MS = 45_000;
const OFFSET_ERROR_MS_MAX = 500;

/** Clocks step by a day, either way, at either end, while everything runs. */
export async function clockScenario(options: { seed: number }): Promise<Report> {
  const site = await ScenarioSite.open({
    seed: options.seed,
    eventsPerSecond: EVENTS_PER_SECOND,
    samplesPerSecond: 0,
    devicesMax: 8,
  });
  try {
    const collector = await site.startCollector();
    await site.until("the link is up", () => site.kept.pending.isUp, 30_000);
    for (const offsetMs of [DAY_MS, -DAY_MS, 0]) {
      await Bun.sleep(STEP_MS);
      collector.say(`clock ${offsetMs}`);
    }
    await Bun.sleep(STEP_MS);
    for (const offsetMs of [DAY_MS, -DAY_MS, 0]) {
      site.hub.say(`clock ${offsetMs}`);
      await Bun.sleep(STEP_MS);
    }
    collector.say(`clock ${DAY_MS}`);
    let offset = Number.NaN;
    const isMeasured = async (): Promise<boolean> => {
      offset = await storedOffset(site.databaseUrl);
      return Math.abs(offset - DAY_MS) < OFFSET_ERROR_MS_MAX;
    };
    const measuredMs = await site.until("the offset is measured at the hub", isMeasured, OFFSET_DEADLINE_MS);
    await site.drain(collector);
    await collector.stop();
    const found = await verify(site);
    const order = await ordering(site.databaseUrl);
    const rows = [
      { subject: "events", metric: "acknowledged", value: site.kept.events.size, unit: "" },
      { subject: "samples", metric: "acknowledged", value: site.kept.sampleCount(), unit: "" },
      { subject: "samples", metric: "missing", value: found.samplesMissing, unit: "", atMost: 0 },
      { subject: "offset", metric: "measured and stored after", value: Math.round(measuredMs), unit: "ms" },
      { subject: "offset", metric: "error", value: Math.abs(offset - DAY_MS), unit: "ms", atMost: OFFSET_ERROR_MS_MAX },
      { subject: "events", metric: "without one of the two times", value: order.timeless, unit: "", atMost: 0 },
      { subject: "events", metric: "observed a day off what was received", value: order.dayOff, unit: "", atLeast: 1 },
      { subject: "rates", metric: "events of a counter going back", value: order.resets, unit: "", atMost: 0 },
    ];
    return judged("clock", rows, found.violations);
  } finally {
    await site.close();
  }
}

async function storedOffset(databaseUrl: string): Promise<number> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql<
      { ms: number | null }[]
    >`select clock_offset_ms as ms from control_plane.collectors limit 1`;
    return row?.ms ?? Number.NaN;
  } finally {
    await sql.end();
  }
}

async function ordering(databaseUrl: string): Promise<{ timeless: number; dayOff: number; resets: number }> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql<{ timeless: number; dayOff: number; resets: number }[]>`
      select count(*) filter (where observed_at is null or received_at is null)::int as timeless,
        count(*) filter (where abs(extract(epoch from observed_at - received_at)) > 80000)::int as "dayOff",
        count(*) filter (where kind in ('counter-reset', 'device-reboot'))::int as resets
      from shared.events where collector_id is not null`;
    return row ?? { timeless: 0, dayOff: 0, resets: 0 };
  } finally {
    await sql.end();
  }
}

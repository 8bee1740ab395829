import { readdirSync, readFileSync } from "node:fs";
import postgres from "postgres";
import type { FleetClient } from "./fleet/client.ts";
import { enrolFleet, moments } from "./fleet/fleet.ts";
import { rssOf } from "./fleet/usage.ts";
import { judged, type Report } from "./report.ts";
import { ScenarioSite } from "./site/site.ts";

const EVENTS_A_CLIENT = 4_000;
const STALL_MS = 10_000;
const SAMPLE_MS = 50;
/** So much is stored before Postgres stands still, so that it does so amid the work. */
const STORED_BEFORE = 0.1;
const ALL_MS_MAX = 120_000;
const RSS_GROWTH_MIB_MAX = 400;
const MIB = 1_048_576;

/** Postgres stands still for ten seconds while many collectors send: the hub's memory is bounded and nothing is lost. */
export async function stallScenario(options: { clients: number; seed: number }): Promise<Report> {
  const site = await ScenarioSite.open({ seed: options.seed, eventsPerSecond: 0, samplesPerSecond: 0, devicesMax: 1 });
  try {
    const fleet = await enrolFleet(site, options.clients);
    for (const client of fleet) client.connect();
    await site.until("all stream", () => fleet.every((client) => client.isStreaming), ALL_MS_MAX);
    const events = options.clients * EVENTS_A_CLIENT;
    const before = rssOf(site.hub.pid);
    let most = before;
    const sampler = setInterval(() => {
      most = Math.max(most, rssOf(site.hub.pid));
    }, SAMPLE_MS);
    for (const [i, client] of fleet.entries()) client.add(moments(EVENTS_A_CLIENT, `sw-${i}`));
    await site.until("a part is stored", () => acked(fleet) >= events * STORED_BEFORE, ALL_MS_MAX);
    const still = await standStill(site.postgresPid, fleet);
    const again = performance.now();
    await site.until("every event is stored", () => acked(fleet) === events, ALL_MS_MAX);
    clearInterval(sampler);
    const violations = await wrongStreams(site.databaseUrl, options.clients);
    const rows = [
      { subject: "stall", metric: "collectors that send", value: options.clients, unit: "" },
      { subject: "stall", metric: "events", value: events, unit: "" },
      { subject: "stall", metric: "stored when Postgres stood still", value: still.before, unit: "" },
      { subject: "stall", metric: "acknowledged in the 10 s after", value: still.during, unit: "" },
      { subject: "stall", metric: "all stored after", value: Math.round(performance.now() - again), unit: "ms" },
      { subject: "streams", metric: "lost and opened again", value: reopened(fleet), unit: "", atMost: 0 },
      { subject: "hub", metric: "memory before", value: Math.round(before / MIB), unit: "MiB" },
      {
        subject: "hub",
        metric: "memory added at most",
        value: Math.round((most - before) / MIB),
        unit: "MiB",
        atMost: RSS_GROWTH_MIB_MAX,
      },
    ];
    for (const client of fleet) client.close();
    return judged("stall", rows, violations);
  } finally {
    await site.close();
  }
}

/** Stops every process of the server for a while, as a disk that hangs does. */
async function standStill(pid: number, fleet: readonly FleetClient[]): Promise<{ before: number; during: number }> {
  const processes = [pid, ...childrenOf(pid)];
  for (const each of processes) process.kill(each, "SIGSTOP");
  try {
    // What was committed in the last moment is still acknowledged.
    await Bun.sleep(SAMPLE_MS);
    const before = acked(fleet);
    await Bun.sleep(STALL_MS);
    return { before, during: acked(fleet) - before };
  } finally {
    for (const each of processes) process.kill(each, "SIGCONT");
  }
}

function childrenOf(parent: number): number[] {
  const text = readdirSync(`/proc/${parent}/task`).map((task) =>
    readFileSync(`/proc/${parent}/task/${task}/children`, "utf8"),
  );
  return text.join(" ").split(" ").filter(Boolean).map(Number);
}

/** Each stream has each of its events once; numbers without a hole are the order in which they were taken. */
async function wrongStreams(databaseUrl: string, clients: number): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const rows = await sql<{ collector: string; stored: number; numbers: number; last: number }[]>`
      select collector_id as collector, count(*)::int as stored, count(distinct seq)::int as numbers, max(seq)::int as last
      from shared.events where collector_id is not null group by collector_id`;
    const wrong = rows.filter((row) => [row.stored, row.numbers, row.last].some((n) => n !== EVENTS_A_CLIENT));
    const violations = wrong.map(
      (row) => `collector ${row.collector} has ${row.stored} events with ${row.numbers} numbers up to ${row.last}`,
    );
    if (rows.length !== clients) violations.push(`${rows.length} of ${clients} collectors have events`);
    return violations.slice(0, 10);
  } finally {
    await sql.end();
  }
}

function acked(fleet: readonly FleetClient[]): number {
  return fleet.reduce((sum, client) => sum + client.ackedSeq, 0);
}

function reopened(fleet: readonly FleetClient[]): number {
  return fleet.reduce((sum, client) => sum + client.streams - 1, 0);
}

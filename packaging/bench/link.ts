/** bun run bench:link: what the hub's link costs, with every event stored by the real hub in a real Postgres. */
import { cpus } from "node:os";
import postgres from "postgres";
import type { FleetClient } from "../scenario/fleet/client.ts";
import { enrolFleet } from "../scenario/fleet/fleet.ts";
import { cpuSecondsOfTree, rssOf } from "../scenario/fleet/usage.ts";
import { ScenarioSite } from "../scenario/site/site.ts";
import { stopSharedServers } from "../parts/shared.ts";
import { told } from "./link/told.ts";
import { cpuMeter, quantile } from "./meter.ts";
import { benchOptions, report, type Row } from "./report.ts";

const options = benchOptions(process.argv.slice(2));
const SIZE = options.quick
  ? { senders: 8, warm: 40_000, events: 40_000, idle: 100, streams: 200 }
  : { senders: 20, warm: 40_000, events: 200_000, idle: 500, streams: 2_000 };
/** How long a hub that has taken its collectors is left alone before its memory is read. */
const SETTLE_MS = 12_000;
const REST_MS = 3_000;
const DEADLINE_MS = 120_000;

const site = await ScenarioSite.open({ seed: 1, eventsPerSecond: 0, samplesPerSecond: 0, devicesMax: 1 });
const rows: Row[] = [];
let wrong = "";
try {
  const fleet = await enrolFleet(site, SIZE.streams);
  const [senders, silent] = [fleet.slice(0, SIZE.senders), fleet.slice(SIZE.senders)];
  // A new hub with some streams: neither what enrolling left behind nor what the first stream brings counts for the rest.
  await restartHub();
  for (const client of senders) client.connect();
  rows.push(...(await connected(silent)));
  for (const client of silent) client.close();
  rows.push(...(await ingest(senders)));
  rows.push(...(await acks(senders[0], "ack of one event, right behind that")));
  await letDatabaseRest();
  rows.push(...(await acks(senders[0], "ack of one event, idle")));
  for (const client of fleet) client.close();
} catch (error) {
  wrong = error instanceof Error ? error.message : String(error);
}
await site.close();
await stopSharedServers();
report("link", rows, options);
if (wrong !== "") process.stderr.write(`bench:link: ${wrong}\n`);
process.exit(wrong === "" ? 0 : 1);

/** Sends and waits until all is stored. Gives the seconds it took. */
async function send(senders: FleetClient[], each: number): Promise<number> {
  const batches = senders.map((_, i) => told(each, `sw-${i}`));
  const from = performance.now();
  senders.forEach((client, i) => client.add(batches[i] ?? []));
  await site.until("every event is stored", () => senders.every((c) => c.ackedSeq === c.lastSeq), DEADLINE_MS);
  return (performance.now() - from) / 1_000;
}

/** The first events are for the compiler: what is measured is a hub that has run for a minute. */
async function ingest(senders: FleetClient[]): Promise<Row[]> {
  const each = Math.floor(SIZE.events / senders.length);
  await site.until("the senders stream", () => senders.every((c) => c.isStreaming), DEADLINE_MS);
  await send(senders, Math.floor(SIZE.warm / senders.length));
  const before = { hub: cpuSecondsOfTree(site.hub.pid), postgres: cpuSecondsOfTree(site.postgresPid) };
  const clientCpu = cpuMeter();
  const seconds = await send(senders, each);
  const events = each * senders.length;
  const hubCpu = cpuSecondsOfTree(site.hub.pid) - before.hub;
  const acked = senders.reduce((sum, client) => sum + client.ackedSeq, 0);
  const stored = await site.storedEvents();
  if (stored !== acked) throw new Error(`${acked} events were acknowledged, ${stored} are stored`);
  return [
    { subject: "ingest", metric: `events stored, ${senders.length} streams`, value: events, unit: "" },
    { subject: "ingest", metric: "rate", value: Math.round(events / seconds), unit: "events/s" },
    { subject: "ingest", metric: "CPU of the clients", value: clientCpu() / 1_000, unit: "s" },
    { subject: "ingest", metric: "CPU of the hub", value: hubCpu, unit: "s" },
    {
      subject: "ingest",
      metric: "CPU of Postgres",
      value: cpuSecondsOfTree(site.postgresPid) - before.postgres,
      unit: "s",
    },
    { subject: "ingest", metric: "hub CPU for 100k events", value: (hubCpu / events) * 100_000, unit: "s" },
    { subject: "ingest", metric: "cores", value: cpus().length, unit: "" },
  ];
}

/** For seconds after a load Postgres writes and counts what it got, and each commit waits for the same disk. */
async function letDatabaseRest(): Promise<void> {
  const sql = postgres(site.databaseUrl, { max: 1, onnotice: () => undefined });
  await sql`checkpoint`;
  await sql`vacuum analyze`;
  await sql.end();
  await Bun.sleep(REST_MS);
}

async function acks(client: FleetClient | undefined, subject: string): Promise<Row[]> {
  if (!client) return [];
  const times: number[] = [];
  for (let i = 0; i < SIZE.idle; i += 1) {
    const event = told(1, "sw-idle");
    const from = performance.now();
    const acked = new Promise<void>((resolve) => {
      client.onAck = (seq) => {
        if (seq === client.lastSeq) resolve();
      };
    });
    client.add(event);
    await acked;
    times.push(performance.now() - from);
    await Bun.sleep(10);
  }
  client.onAck = () => undefined;
  return [
    { subject, metric: "p50", value: quantile(times, 0.5), unit: "ms" },
    { subject, metric: "p99", value: quantile(times, 0.99), unit: "ms" },
  ];
}

async function restartHub(): Promise<void> {
  await site.hub.kill();
  await site.startHub();
}

/** Gives the time until all of them stream. */
async function connectAll(clients: readonly FleetClient[]): Promise<number> {
  for (const client of clients) client.connect();
  const tookMs = await site.until("all stream", () => clients.every((client) => client.isStreaming), DEADLINE_MS);
  await Bun.sleep(SETTLE_MS);
  return tookMs;
}

function kb(bytes: number): number {
  return bytes / 1_000;
}

async function connected(fleet: FleetClient[]): Promise<Row[]> {
  await Bun.sleep(2_000);
  const all = () => fleet.every((client) => client.isStreaming);
  const start = rssOf(site.hub.pid);
  // The first half also pays for compiled code and pools that a hub has once, however many collectors it serves: what
  // the first cost more than the second is told by itself.
  const half = fleet.slice(0, fleet.length >> 1);
  const firstMs = await connectAll(half);
  const warm = rssOf(site.hub.pid);
  const later = fleet.slice(half.length);
  const secondMs = await connectAll(later);
  const full = rssOf(site.hub.pid);
  await site.hub.kill();
  await site.until("all noticed", () => fleet.every((client) => !client.isStreaming), DEADLINE_MS);
  await site.startHub();
  const cpuBefore = cpuSecondsOfTree(site.hub.pid);
  const againMs = await site.until("all stream again", all, DEADLINE_MS);
  const cpu = cpuSecondsOfTree(site.hub.pid) - cpuBefore;
  return [
    { subject: "streams", metric: "connected", value: fleet.length, unit: "" },
    { subject: "streams", metric: "all up after", value: (firstMs + secondMs) / 1_000, unit: "s" },
    {
      subject: "streams",
      metric: "hub memory for one more stream",
      value: kb((full - warm) / later.length),
      unit: "KB",
    },
    {
      subject: "streams",
      metric: "hub memory for a stream, warm-up of the hub shared out",
      value: kb((full - start) / fleet.length),
      unit: "KB",
    },
    {
      subject: "streams",
      metric: "of it once, with the first streams",
      value: kb(warm - start - ((full - warm) / later.length) * half.length),
      unit: "KB in all",
    },
    { subject: "streams", metric: "all again after the hub is back", value: againMs / 1_000, unit: "s" },
    { subject: "streams", metric: "hub CPU to take one again", value: (cpu / fleet.length) * 1_000, unit: "ms" },
  ];
}

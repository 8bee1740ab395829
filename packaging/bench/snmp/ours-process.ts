import { configSchema } from "@watchpost/collector/config/schema.ts";
import { systemTimerClock } from "@watchpost/collector/device/clock.ts";
import { createSnmpEngine } from "@watchpost/collector/device/snmp/index.ts";
import { createPoller } from "@watchpost/collector/poll/index.ts";
import { loadProfiles } from "@watchpost/collector/profile/index.ts";
import { newSampleState, SeriesTable, samplesOf } from "@watchpost/collector/sample/index.ts";
import type { SampleBatch } from "@watchpost/collector/sample/sample.ts";
import { type BenchVersion, COMMUNITY, USER } from "./credential.ts";
import { COLUMNS, type Observed } from "./switch.ts";

/** The product's own path, poller to samples: `ours-process.ts v2c IN_FLIGHT PORT,PORT,...`, told by lines on stdin. */
const [version = "v2c", inFlight = "16", list = ""] = process.argv.slice(2);
const credential = (version as BenchVersion) === "v3" ? USER : COMMUNITY;
const config = configSchema.parse({
  name: "bench",
  credentials: [credential],
  poll: { intervalMs: 3_600_000, inFlightMax: 2_000 },
  devices: list.split(",").map((port, device) => ({
    name: `switch-${device}`,
    address: "127.0.0.1",
    port: Number(port),
    credential: credential.name,
  })),
});
const names = config.devices.map((device) => device.name);
const table = new SeriesTable();
const state = newSampleState();
const batches = new Map<string, SampleBatch>();
let requests = 0;
let failed = 0;

const poller = createPoller({
  engine: createSnmpEngine(),
  library: loadProfiles(),
  devices: config.devices,
  credentials: config.credentials,
  poll: config.poll,
  clock: systemTimerClock,
  onReading: (reading) => {
    if (reading.kind === "answered" && reading.incomplete === undefined) requests += reading.requests;
    else failed += 1;
    batches.set(reading.device, samplesOf(reading, table, state));
    return Promise.resolve();
  },
  onError: (device, error) => {
    throw new Error(`device ${device}: the product could not take a reading`, { cause: error });
  },
});

/** Polls devices in turn, so many at a time. */
async function run(polls: number) {
  let next = 0;
  requests = 0;
  failed = 0;
  const before = process.cpuUsage();
  const worker = async () => {
    while (next < polls) await poller.pollNow(names[next++ % names.length] ?? "");
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, worker));
  const { user, system } = process.cpuUsage(before);
  if (failed > 0) throw new Error(`${failed} of ${polls} polls of the benchmark had no whole answer`);
  return { polls, cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage.rss(), requests };
}

function observed(): Observed[] {
  const columns = new Map<string, number>(COLUMNS.map(({ metric }, column) => [metric, column]));
  return [...batches.values()].flatMap(({ device, series, values }) =>
    [...series].flatMap(({ name, labels }, i) => {
      const column = columns.get(name);
      if (column === undefined) return [];
      const port = Number(labels["interface"]?.split("/").at(-1));
      return [{ device: Number(device.split("-")[1]), port, column, value: values[i] ?? Number.NaN }];
    }),
  );
}

for await (const line of console) {
  const [word, count] = line.split(" ");
  if (word === "exit") break;
  const answer = word === "run" ? await run(Number(count)) : observed();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);

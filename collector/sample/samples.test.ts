import { expect, test } from "bun:test";
import type { Answered, InterfaceReading } from "../poll/reading.ts";
import { createSnmpEngine } from "../device/snmp/index.ts";
import { startMadeUpDevice } from "../poll/device.fixture.ts";
import { newDeviceState, pollDevice } from "../poll/index.ts";
import { loadProfiles } from "../profile/index.ts";
import { newSampleState, type SampleBatch, samplesOf, SeriesTable } from "./index.ts";

const port = (change: Partial<InterfaceReading> = {}): InterfaceReading => ({
  index: 1,
  name: "ge1",
  alias: "",
  type: 6,
  mac: "",
  speedBps: 1_000_000_000,
  adminStatus: 1,
  operStatus: 2,
  counters: [{ metric: "if_in_octets_total", raw: 5_000n, bits: 64 }],
  discontinuityTicks: 0,
  ...change,
});

const answered = (change: Partial<Answered> = {}): Answered => ({
  kind: "answered",
  device: "sw1",
  takenAtMs: 1_700_000_000_000,
  durationMs: 250,
  requests: 4,
  system: {
    uptimeTicks: 4_200,
    name: "",
    description: "",
    objectId: "",
    vendor: "",
    model: "",
    os: "",
    osVersion: "",
    serial: "",
  },
  discontinuity: "none",
  interfaces: [],
  renumbered: [],
  processors: [],
  storages: [],
  sensors: [],
  neighbours: [],
  addresses: [],
  metrics: [],
  ...change,
});

function lines({ series, values }: SampleBatch): string[] {
  return [...series].map(({ name, labels }, i) => {
    const { device: _, ...rest } = labels;
    const text = Object.entries(rest).map(([label, value]) => `${label}=${value}`);
    return `${name}{${text.join(",")}} ${values[i]}`;
  });
}

test("a reading becomes samples under the names that rules and charts know", () => {
  const reading = answered({
    interfaces: [port()],
    processors: [{ name: "1", usageRatio: 0.5 }],
    storages: [
      { name: "RAM", kind: "memory", usedBytes: 250, sizeBytes: 1_000 },
      { name: "ECC", kind: "memory", usedBytes: 1, sizeBytes: 10 },
    ],
    sensors: [
      { class: "temperature", name: "inlet", value: 21.5, unit: "celsius", state: "warning" },
      { class: "fan", name: "fan 1", value: null, unit: "", state: "failed" },
    ],
    metrics: [{ name: "config_last_changed_ticks", labels: {}, value: 77 }],
  });
  const batch = samplesOf(reading, new SeriesTable(), newSampleState());
  expect([...batch.series].every(({ labels }) => labels["device"] === "sw1")).toBe(true);
  expect(lines(batch)).toEqual([
    "device_up{} 1",
    "device_uptime_seconds{} 42",
    "device_poll_duration_seconds{} 0.25",
    "device_poll_requests{} 4",
    "if_admin_status{interface=ge1} 1",
    "if_oper_status{interface=ge1} 2",
    "if_speed_bits_per_second{interface=ge1} 1000000000",
    "if_in_octets_total{interface=ge1} 5000",
    "cpu_usage_ratio{processor=1} 0.5",
    "storage_used_bytes{storage=RAM,kind=memory} 250",
    "storage_size_bytes{storage=RAM,kind=memory} 1000",
    "storage_usage_ratio{storage=RAM,kind=memory} 0.25",
    "storage_used_bytes{storage=ECC,kind=memory} 1",
    "storage_size_bytes{storage=ECC,kind=memory} 10",
    "storage_usage_ratio{storage=ECC,kind=memory} 0.1",
    "memory_usage_ratio{} 0.25",
    "sensor_state{sensor=inlet,class=temperature} 1",
    "sensor_value{sensor=inlet,class=temperature,unit=celsius} 21.5",
    "sensor_state{sensor=fan 1,class=fan} 2",
    "config_last_changed_ticks{} 77",
  ]);
});

test("a device without an answer is down, and nothing else is said of it", () => {
  const message = "no answer";
  const reading = {
    kind: "unanswered",
    device: "sw1",
    takenAtMs: 7,
    durationMs: 9,
    reason: "timeout",
    message,
  } as const;
  expect(lines(samplesOf(reading, new SeriesTable(), newSampleState()))).toEqual(["device_up{} 0"]);
});

test("series are the same list from poll to poll, also when an interface moves to another index", () => {
  const table = new SeriesTable();
  const state = newSampleState();
  const first = samplesOf(answered({ interfaces: [port()] }), table, state);
  const second = samplesOf(answered({ interfaces: [port({ index: 501 })] }), table, state);
  expect(second.series).toBe(first.series);
  expect(Array.from(first.series, ({ id }) => id)).toEqual(Array.from(first.series, (_, i) => i));
});

test("a device cannot make more series than its share, and the rest is counted", () => {
  const table = new SeriesTable({ seriesPerDeviceMax: 10 });
  const interfaces = Array.from({ length: 50 }, (_, i) => port({ name: `p${i}` }));
  const batch = samplesOf(answered({ interfaces }), table, newSampleState());
  expect(batch.series.length).toBe(10);
  expect(table.refused).toBe(194);
  expect(samplesOf(answered({ device: "sw2" }), table, newSampleState()).series.length).toBe(4);
});

test("two things of one name give one sample", () => {
  const metrics = [1, 2].map((value) => ({ name: "load_average_1m", labels: {}, value }));
  const batch = samplesOf(answered({ metrics }), new SeriesTable(), newSampleState());
  expect(lines(batch).filter((line) => line.startsWith("load"))).toEqual(["load_average_1m{} 1"]);
});

test("counters start anew where the interface says so, and not because another one did", () => {
  const table = new SeriesTable();
  const state = newSampleState();
  let takenAtMs = 1_700_000_000_000;
  const take = (raw: bigint, discontinuityTicks: number) => {
    const counters = [{ metric: "if_in_octets_total", raw, bits: 32 as const }];
    const calm = port({ name: "ge2", counters });
    takenAtMs += 60_000;
    const interfaces = [port({ counters, discontinuityTicks }), calm];
    const batch = samplesOf(answered({ takenAtMs, interfaces }), table, state);
    return lines(batch).filter((line) => line.includes("octets"));
  };
  take(4_294_967_000n, 0);
  expect(take(100n, 900)).toEqual([
    "if_in_octets_total{interface=ge1} 100",
    "if_in_octets_total{interface=ge2} 4294967396",
  ]);
});

test("a Counter64 above 2^53 keeps exact deltas from the wire to the sample", async () => {
  const engine = createSnmpEngine();
  const start = 2n ** 63n + 12_345n;
  const made = await startMadeUpDevice({ ports: [{ index: 1, name: "ge1", octets: start }] });
  const table = new SeriesTable();
  const states = { device: newDeviceState(), sample: newSampleState() };
  const library = loadProfiles();
  const values: number[] = [];
  const deltas = [1n, 2n ** 30n + 1n, 3n, 2n ** 34n - 1n];
  let octets = start;
  for (const delta of [0n, ...deltas]) {
    octets += delta;
    made.device.ports = [{ index: 1, name: "ge1", octets }];
    const reading = await pollDevice({ engine, library, target: made.target(), state: states.device, budgetMs: 5_000 });
    if (reading.kind === "cancelled") throw new Error("cancelled");
    const batch = samplesOf(reading, table, states.sample);
    values.push(batch.values[[...batch.series].findIndex(({ name }) => name === "if_in_octets_total")] ?? Number.NaN);
  }
  made.stop();
  engine.close();
  expect(values.slice(1).map((value, i) => BigInt(value - (values[i] ?? 0)))).toEqual(deltas);
});

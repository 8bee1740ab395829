import type { Answered, Reading, SensorReading } from "../poll/reading.ts";
import { BatchBuilder, Stamps } from "./batch.ts";
import { CounterTable } from "./counters.ts";
import { addInterfaces, type PortSeries } from "./interface-samples.ts";
import type { SampleBatch, Series } from "./sample.ts";
import type { Scope, SeriesTable } from "./series-table.ts";

/** What must be remembered between readings for counters to be exact. Lives as long as the series table it goes with. */
export interface SampleState {
  readonly counters: CounterTable;
  readonly stamps: Stamps;
  readonly devices: Map<string, DeviceMemory>;
}

/** The same of one device. */
export interface DeviceMemory {
  /** Of the device itself. */
  whole: Scope | undefined;
  answeredAtMs: number | undefined;
  /** Of the last batch. */
  series: Series[];
  ports: PortSeries | undefined;
  /** ifCounterDiscontinuityTime by interface, also of those that are not there now. */
  readonly discontinuities: Map<Scope, number>;
}

export function newSampleState(): SampleState {
  return { counters: new CounterTable(), stamps: new Stamps(), devices: new Map() };
}

/** Turns a reading into samples. A device that gave no answer has one: device_up 0. */
export function samplesOf(reading: Reading, table: SeriesTable, state: SampleState): SampleBatch {
  const { device, takenAtMs } = reading;
  const memory = memoryOf(state, device);
  const batch = new BatchBuilder(state.stamps, reading.kind === "answered" ? memory.series : []);
  const whole = (memory.whole ??= table.scope(device));
  batch.add(whole, "device_up", reading.kind === "answered" ? 1 : 0);
  if (reading.kind === "unanswered") return batch.build(device, takenAtMs);
  const elapsedMs = takenAtMs - (memory.answeredAtMs ?? takenAtMs);
  memory.answeredAtMs = takenAtMs;
  addDevice(batch, reading, whole);
  addInterfaces(batch, { reading, elapsedMs }, { table, state, memory });
  addHost(batch, reading, table);
  addSensors(batch, reading, table);
  for (const { name, labels, value } of reading.metrics) batch.add(table.scope(device, labels), name, value);
  const built = batch.build(device, takenAtMs);
  memory.series = built.series;
  return built;
}

function memoryOf(state: SampleState, device: string): DeviceMemory {
  let memory = state.devices.get(device);
  if (!memory) {
    memory = { whole: undefined, answeredAtMs: undefined, series: [], ports: undefined, discontinuities: new Map() };
    state.devices.set(device, memory);
  }
  return memory;
}

function addDevice(batch: BatchBuilder, reading: Answered, whole: Scope): void {
  batch.add(whole, "device_uptime_seconds", reading.system.uptimeTicks / 100);
  batch.add(whole, "device_poll_duration_seconds", reading.durationMs / 1_000);
  batch.add(whole, "device_poll_requests", reading.requests);
}

function addHost(batch: BatchBuilder, reading: Answered, table: SeriesTable): void {
  const { device } = reading;
  for (const { name, usageRatio } of reading.processors)
    batch.add(table.scope(device, { processor: name }), "cpu_usage_ratio", usageRatio);
  for (const { name, kind, usedBytes, sizeBytes } of reading.storages) {
    const scope = table.scope(device, { storage: name, kind });
    batch.add(scope, "storage_used_bytes", usedBytes);
    batch.add(scope, "storage_size_bytes", sizeBytes);
    batch.add(scope, "storage_usage_ratio", usedBytes / sizeBytes);
  }
  if (reading.storages.length === 0) return;
  // Agents list parts of the memory beside the whole: the largest is the whole.
  const [memory] = reading.storages
    .filter(({ kind }) => kind === "memory")
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  if (memory) batch.add(table.scope(device), "memory_usage_ratio", memory.usedBytes / memory.sizeBytes);
}

const STATE_VALUES: Record<SensorReading["state"], number> = { ok: 0, warning: 1, failed: 2, unknown: 3 };

function addSensors(batch: BatchBuilder, reading: Answered, table: SeriesTable): void {
  const { device } = reading;
  for (const sensor of reading.sensors) {
    const identity = { sensor: sensor.name, class: sensor.class };
    batch.add(table.scope(device, identity), "sensor_state", STATE_VALUES[sensor.state]);
    if (sensor.value !== null)
      batch.add(table.scope(device, { ...identity, unit: sensor.unit }), "sensor_value", sensor.value);
  }
}

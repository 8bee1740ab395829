import type { Answered, Reading, SensorReading } from "../poll/reading.ts";
import { BatchBuilder } from "./batch.ts";
import { CounterTable } from "./counters.ts";
import { addInterfaces } from "./interface-samples.ts";
import type { SampleBatch } from "./sample.ts";
import type { Scope, SeriesTable } from "./series-table.ts";

/** What must be remembered between readings for counters to be exact. Lives as long as the series table it goes with. */
export interface SampleState {
  readonly counters: CounterTable;
  /** ifCounterDiscontinuityTime by interface. */
  readonly discontinuities: Map<Scope, number>;
  readonly answeredAtMs: Map<string, number>;
}

export function newSampleState(): SampleState {
  return { counters: new CounterTable(), discontinuities: new Map(), answeredAtMs: new Map() };
}

/** Turns a reading into samples. A device that gave no answer has one: device_up 0. */
export function samplesOf(reading: Reading, table: SeriesTable, state: SampleState): SampleBatch {
  const batch = new BatchBuilder();
  const { device, takenAtMs } = reading;
  const whole = table.scope(device);
  batch.add(whole, "device_up", reading.kind === "answered" ? 1 : 0);
  if (reading.kind === "answered") {
    const elapsedMs = takenAtMs - (state.answeredAtMs.get(device) ?? takenAtMs);
    state.answeredAtMs.set(device, takenAtMs);
    addDevice(batch, reading, whole);
    addInterfaces(batch, { reading, elapsedMs }, table, state);
    addHost(batch, reading, table);
    addSensors(batch, reading, table);
    for (const { name, labels, value } of reading.metrics) batch.add(table.scope(device, labels), name, value);
  }
  return batch.build(device, takenAtMs);
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

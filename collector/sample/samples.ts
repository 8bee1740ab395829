import type { Answered, Reading, SensorReading } from "../poll/reading.ts";
import { BatchBuilder } from "./batch.ts";
import { CounterTable } from "./counters.ts";
import { addInterfaces, type PortSeries } from "./interface-samples.ts";
import type { Register } from "./register.ts";
import type { SampleBatch } from "./sample.ts";
import type { Labels, SeriesList } from "./series-list.ts";
import type { SeriesTable } from "./series-table.ts";

/** What must be remembered between readings for counters to be exact. Lives as long as the series table it goes with. */
export interface SampleState {
  readonly devices: Map<string, DeviceMemory>;
}

/** The same of one device. */
export interface DeviceMemory {
  readonly register: Register;
  readonly counters: CounterTable;
  answeredAtMs: number | undefined;
  /** Of the last batch. */
  series: SeriesList | undefined;
  ports: PortSeries | undefined;
  /** ifCounterDiscontinuityTime by name of interfaces that are not in `ports`. */
  awayTicks: Map<string, number> | undefined;
}

/** Labels of the device itself. */
const WHOLE: Labels = [];

export function newSampleState(): SampleState {
  return { devices: new Map() };
}

/** Turns a reading into samples. A device that gave no answer has one: device_up 0. */
export function samplesOf(reading: Reading, table: SeriesTable, state: SampleState): SampleBatch {
  const { device, takenAtMs } = reading;
  const memory = memoryOf(state, table, device);
  const batch = new BatchBuilder(memory.register, reading.kind === "answered" ? memory.series : undefined);
  batch.add(WHOLE, "device_up", reading.kind === "answered" ? 1 : 0);
  if (reading.kind === "unanswered") return batch.build(device, takenAtMs);
  const elapsedMs = takenAtMs - (memory.answeredAtMs ?? takenAtMs);
  memory.answeredAtMs = takenAtMs;
  addDevice(batch, reading);
  addInterfaces(batch, { reading, elapsedMs }, memory);
  addHost(batch, reading);
  addSensors(batch, reading);
  for (const { name, labels, value } of reading.metrics) batch.add(Object.entries(labels).flat(), name, value);
  const built = batch.build(device, takenAtMs);
  memory.series = built.series;
  return built;
}

function memoryOf(state: SampleState, table: SeriesTable, device: string): DeviceMemory {
  let memory = state.devices.get(device);
  if (!memory) {
    memory = {
      register: table.register(device),
      counters: new CounterTable(),
      answeredAtMs: undefined,
      series: undefined,
      ports: undefined,
      awayTicks: undefined,
    };
    state.devices.set(device, memory);
  }
  return memory;
}

function addDevice(batch: BatchBuilder, reading: Answered): void {
  batch.add(WHOLE, "device_uptime_seconds", reading.system.uptimeTicks / 100);
  batch.add(WHOLE, "device_poll_duration_seconds", reading.durationMs / 1_000);
  batch.add(WHOLE, "device_poll_requests", reading.requests);
}

function addHost(batch: BatchBuilder, reading: Answered): void {
  for (const { name, usageRatio } of reading.processors) batch.add(["processor", name], "cpu_usage_ratio", usageRatio);
  for (const { name, kind, usedBytes, sizeBytes } of reading.storages) {
    const labels = ["storage", name, "kind", kind];
    batch.add(labels, "storage_used_bytes", usedBytes);
    batch.add(labels, "storage_size_bytes", sizeBytes);
    batch.add(labels, "storage_usage_ratio", usedBytes / sizeBytes);
  }
  if (reading.storages.length === 0) return;
  // Agents list parts of the memory beside the whole: the largest is the whole.
  const [memory] = reading.storages
    .filter(({ kind }) => kind === "memory")
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  if (memory) batch.add(WHOLE, "memory_usage_ratio", memory.usedBytes / memory.sizeBytes);
}

const STATE_VALUES: Record<SensorReading["state"], number> = { ok: 0, warning: 1, failed: 2, unknown: 3 };

function addSensors(batch: BatchBuilder, reading: Answered): void {
  for (const sensor of reading.sensors) {
    const labels = ["sensor", sensor.name, "class", sensor.class];
    batch.add(labels, "sensor_state", STATE_VALUES[sensor.state]);
    if (sensor.value !== null) batch.add([...labels, "unit", sensor.unit], "sensor_value", sensor.value);
  }
}

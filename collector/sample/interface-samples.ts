import type { Answered, InterfaceReading } from "../poll/reading.ts";
import { type CounterColumns, counterColumnsOf } from "../poll/counter-columns.ts";
import type { BatchBuilder } from "./batch.ts";
import type { Series } from "./sample.ts";
import type { DeviceMemory, SampleState } from "./samples.ts";
import type { Scope, SeriesTable } from "./series-table.ts";

// Hot path: from the second poll on values are written to the places of the first. Figures in device/snmp/sheet.ts.
// Twin: `addAnew` below, against which poll/sheet.test.ts checks `addAgain`.

const SPEED_SLACK = 2;
/** Agents answer from what they read some seconds ago. */
const READ_SLACK_MS = 5_000;
const FRAME_BYTES_MIN = 64;
const STATUS = ["if_admin_status", "if_oper_status", "if_speed_bits_per_second"];

interface Span {
  reading: Answered;
  elapsedMs: number;
}

/** Series of interfaces that keep their names and counters, in the order of their samples. */
export interface PortSeries {
  of: readonly InterfaceReading[];
  ids: Int32Array;
  isRun: boolean;
  in: { list: readonly Series[]; at: number };
  scopes: Scope[];
  /** ifCounterDiscontinuityTime by interface. */
  discontinuityTicks: number[];
}

/** Status, speed and exact counters of every interface. */
export function addInterfaces(
  batch: BatchBuilder,
  span: Span,
  parts: { table: SeriesTable; state: SampleState; memory: DeviceMemory },
): void {
  const { memory, state } = parts;
  const { interfaces } = span.reading;
  if (memory.ports?.of === interfaces) return addAgain(batch, span, { ports: memory.ports, state });
  memory.ports = addAnew(batch, span, parts);
}

function addAgain(batch: BatchBuilder, span: Span, { ports, state }: { ports: PortSeries; state: SampleState }): void {
  const { interfaces, discontinuity } = span.reading;
  const { ids, discontinuityTicks } = ports;
  const columns = counterColumnsOf(interfaces);
  const { values, at: from } = batch.putBlock(ports);
  const isReboot = discontinuity === "reboot";
  let at = 0;
  for (let i = 0; i < interfaces.length; i++) {
    const port = interfaces[i] as InterfaceReading;
    values[from + at] = port.adminStatus;
    values[from + at + 1] = port.operStatus;
    values[from + at + 2] = port.speedBps;
    at += STATUS.length;
    const startsAnew = isReboot || discontinuityTicks[i] !== port.discontinuityTicks;
    discontinuityTicks[i] = port.discontinuityTicks;
    const how = { port, startsAnew, elapsedMs: span.elapsedMs, state };
    if (columns && !startsAnew) at = addPlain(columns, i, { ids, values, from, at }, how);
    else
      for (const counter of port.counters) {
        const plain = startsAnew ? Number.NaN : state.counters.nextPlain(ids[at] as number, counter.raw);
        values[from + at] = plain >= 0 ? plain : nextOf(ids[at] as number, counter, how);
        at += 1;
      }
  }
}

/** Counters of interface `i` as they stand in their columns; returns where the next interface's samples begin. */
function addPlain(
  { firsts, cells, numbers }: CounterColumns,
  i: number,
  to: { ids: Int32Array; values: Float64Array; from: number; at: number },
  how: Parameters<typeof nextOf>[2],
): number {
  const { ids, values, from } = to;
  const { counters } = how.state;
  const first = firsts[i] as number;
  const end = firsts[i + 1] as number;
  let at = to.at;
  for (let k = first; k < end; k++, at++) {
    const raw = numbers[cells[k] as number] as number;
    const id = ids[at] as number;
    const plain = raw < Number.MAX_SAFE_INTEGER ? counters.nextPlain(id, raw) : Number.NaN;
    if (plain >= 0) values[from + at] = plain;
    else values[from + at] = nextOf(id, how.port.counters[k - first] as InterfaceReading["counters"][number], how);
  }
  return at;
}

/** Undefined when a series was refused or stands twice: then every poll names them anew. */
function addAnew(
  batch: BatchBuilder,
  { reading, elapsedMs }: Span,
  { table, state, memory }: { table: SeriesTable; state: SampleState; memory: DeviceMemory },
): PortSeries | undefined {
  const { device, interfaces } = reading;
  const ports: PortSeries = {
    of: interfaces,
    ids: new Int32Array(0),
    isRun: false,
    in: batch.place,
    scopes: [],
    discontinuityTicks: [],
  };
  const before = memory.discontinuities;
  for (const [i, scope] of (memory.ports?.scopes ?? []).entries())
    before.set(scope, memory.ports?.discontinuityTicks[i] ?? 0);
  const ids: number[] = [];
  let wanted = 0;
  for (const port of interfaces) {
    const scope = table.scope(device, { interface: port.name });
    for (const [i, value] of [port.adminStatus, port.operStatus, port.speedBps].entries()) {
      const series = Number.isFinite(value) ? batch.claim(scope, STATUS[i] ?? "") : undefined;
      if (series) batch.put(series, value);
      if (series) ids.push(series.id);
    }
    const ticks = port.discontinuityTicks;
    const startsAnew = reading.discontinuity === "reboot" || (before.get(scope) ?? ticks) !== ticks;
    for (const counter of port.counters) {
      const series = batch.claim(scope, counter.metric);
      if (!series) continue;
      ids.push(series.id);
      batch.put(series, nextOf(series.id, counter, { port, startsAnew, elapsedMs, state }));
    }
    before.set(scope, ticks);
    ports.scopes.push(scope);
    ports.discontinuityTicks.push(ticks);
    wanted += STATUS.length + port.counters.length;
  }
  ports.ids = Int32Array.from(ids);
  ports.isRun = ports.ids.every((id, i) => id === (ports.ids[0] as number) + i);
  ports.in.list = batch.place.list;
  return ids.length === wanted ? ports : undefined;
}

function nextOf(
  seriesId: number,
  { metric, raw, bits }: InterfaceReading["counters"][number],
  how: { port: InterfaceReading; startsAnew: boolean; elapsedMs: number; state: SampleState },
): number {
  const { startsAnew, elapsedMs } = how;
  const { speedBps } = how.port;
  const deltaMax = countMax(metric, speedBps, elapsedMs + READ_SLACK_MS) * SPEED_SLACK;
  const resetMax = countMax(metric, speedBps, elapsedMs);
  return how.state.counters.next(seriesId, { raw: BigInt(raw), bits, startsAnew, deltaMax, resetMax });
}

/** What the line can carry in the time; without bound where the speed is not told. */
function countMax(metric: string, speedBps: number, elapsedMs: number): number {
  if (speedBps <= 0) return Number.POSITIVE_INFINITY;
  const bytes = (speedBps / 8) * (elapsedMs / 1_000);
  return metric.includes("octets") ? bytes : bytes / FRAME_BYTES_MIN;
}

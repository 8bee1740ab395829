import type { Answered, InterfaceReading } from "../poll/reading.ts";
import { type CounterColumns, counterColumnsOf } from "../poll/counter-columns.ts";
import type { BatchBuilder, Block } from "./batch.ts";
import type { CounterTable } from "./counters.ts";
import { Ids } from "./ids.ts";
import type { DeviceMemory } from "./samples.ts";

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
export interface PortSeries extends Block {
  of: readonly InterfaceReading[];
  /** ifCounterDiscontinuityTime by interface. */
  discontinuityTicks: Float64Array;
}

/** Status, speed and exact counters of every interface. */
export function addInterfaces(batch: BatchBuilder, span: Span, memory: DeviceMemory): void {
  const { ports, counters } = memory;
  if (ports?.of === span.reading.interfaces) addAgain(batch, span, { ports, counters });
  else memory.ports = addAnew(batch, span, memory);
}

function addAgain(batch: BatchBuilder, span: Span, of: { ports: PortSeries; counters: CounterTable }): void {
  const { ports, counters } = of;
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
    const how = { port, startsAnew, elapsedMs: span.elapsedMs, counters };
    if (columns && !startsAnew) at = addPlain(columns, i, { ids, values, from, at }, how);
    else
      for (const counter of port.counters) {
        const id = ids.at(at);
        const plain = startsAnew ? Number.NaN : counters.nextPlain(id, counter.raw);
        values[from + at] = plain >= 0 ? plain : nextOf(id, counter, how);
        at += 1;
      }
  }
}

/** Counters of interface `i` as they stand in their columns; returns where the next interface's samples begin. */
function addPlain(
  { firsts, cells, numbers }: CounterColumns,
  i: number,
  to: { ids: Ids; values: Float64Array; from: number; at: number },
  how: Parameters<typeof nextOf>[2],
): number {
  const { ids, values, from } = to;
  const { counters } = how;
  const first = firsts[i] as number;
  const end = firsts[i + 1] as number;
  let at = to.at;
  for (let k = first; k < end; k++, at++) {
    const raw = numbers[cells[k] as number] as number;
    const id = ids.at(at);
    const plain = raw < Number.MAX_SAFE_INTEGER ? counters.nextPlain(id, raw) : Number.NaN;
    if (plain >= 0) values[from + at] = plain;
    else values[from + at] = nextOf(id, how.port.counters[k - first] as InterfaceReading["counters"][number], how);
  }
  return at;
}

/** Undefined when a series was refused or stands twice: then every poll names them anew. */
function addAnew(batch: BatchBuilder, { reading, elapsedMs }: Span, memory: DeviceMemory): PortSeries | undefined {
  const { interfaces } = reading;
  const { counters } = memory;
  const known = ticksByName(memory);
  const ticksNow = new Float64Array(interfaces.length);
  const ids: number[] = [];
  let wanted = 0;
  for (const [at, port] of interfaces.entries()) {
    const labels = ["interface", port.name];
    for (const [i, value] of [port.adminStatus, port.operStatus, port.speedBps].entries()) {
      const id = Number.isFinite(value) ? batch.claim(labels, STATUS[i] ?? "") : -1;
      if (id < 0) continue;
      batch.put(id, value);
      ids.push(id);
    }
    const ticks = port.discontinuityTicks;
    const startsAnew = reading.discontinuity === "reboot" || (known.get(port.name) ?? ticks) !== ticks;
    for (const counter of port.counters) {
      const id = batch.claim(labels, counter.metric);
      if (id < 0) continue;
      ids.push(id);
      batch.put(id, nextOf(id, counter, { port, startsAnew, elapsedMs, counters }));
    }
    ticksNow[at] = ticks;
    known.set(port.name, ticks);
    wanted += STATUS.length + port.counters.length;
  }
  counters.trim();
  const isWhole = ids.length === wanted;
  if (isWhole) for (const { name } of interfaces) known.delete(name);
  memory.awayTicks = known.size > 0 ? known : undefined;
  return isWhole
    ? { of: interfaces, ids: new Ids(ids), in: undefined, at: 0, discontinuityTicks: ticksNow }
    : undefined;
}

/** ifCounterDiscontinuityTime of every interface that there was. */
function ticksByName({ ports, awayTicks }: DeviceMemory): Map<string, number> {
  const known = new Map(awayTicks);
  for (const [i, { name }] of (ports?.of ?? []).entries()) known.set(name, ports?.discontinuityTicks[i] ?? 0);
  return known;
}

function nextOf(
  id: number,
  { metric, raw, bits }: InterfaceReading["counters"][number],
  how: { port: InterfaceReading; startsAnew: boolean; elapsedMs: number; counters: CounterTable },
): number {
  const { startsAnew, elapsedMs, counters } = how;
  const { speedBps } = how.port;
  const deltaMax = countMax(metric, speedBps, elapsedMs + READ_SLACK_MS) * SPEED_SLACK;
  const resetMax = countMax(metric, speedBps, elapsedMs);
  return counters.next(id, { raw: BigInt(raw), bits, startsAnew, deltaMax, resetMax });
}

/** What the line can carry in the time; without bound where the speed is not told. */
function countMax(metric: string, speedBps: number, elapsedMs: number): number {
  if (speedBps <= 0) return Number.POSITIVE_INFINITY;
  const bytes = (speedBps / 8) * (elapsedMs / 1_000);
  return metric.includes("octets") ? bytes : bytes / FRAME_BYTES_MIN;
}

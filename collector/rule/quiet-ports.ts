import { type CounterColumns, counterColumnsOf } from "../poll/counter-columns.ts";
import type { Answered, InterfaceReading } from "../poll/reading.ts";
import type { DeviceMemory } from "./memory.ts";
import { isWatched } from "./port-memory.ts";

// Hot path: nearly every poll finds every port as it was. Judging 48 ports one by one took a fifth of a poll's whole CPU;
// this takes a fiftieth. Twin: judgeInterfaces without it, against which quiet-ports.test.ts checks it.

/** Ports of a device that gave no finding and of which nothing is remembered but what they are. */
export interface QuietPorts {
  /** The list that they are from: as long as it is the same, so are names, places and counters. */
  readonly of: readonly InterfaceReading[];
  readonly admin: Int32Array;
  readonly oper: Int32Array;
  readonly discontinuity: Float64Array;
  /** Where 64-bit octet counters stand, and what they said last; those of port i from `firsts[i]` on. */
  readonly firsts: Int32Array;
  readonly cells: Int32Array;
  readonly octets: Float64Array;
}

/** Whether no port gives reason to look at it: each is as it was, and no counter went backwards. Keeps what they say now. */
export function areQuiet(quiet: QuietPorts | undefined, reading: Answered): boolean {
  const { interfaces } = reading;
  if (quiet?.of !== interfaces || reading.discontinuity !== "none" || reading.incomplete !== undefined) return false;
  const columns = counterColumnsOf(interfaces);
  if (!columns) return false;
  const { admin, oper, discontinuity } = quiet;
  for (let i = 0; i < interfaces.length; i++) {
    const port = interfaces[i] as InterfaceReading;
    if (port.adminStatus !== admin[i] || port.operStatus !== oper[i]) return false;
    if (port.discontinuityTicks !== discontinuity[i]) return false;
  }
  return haveNotFallen(quiet, columns);
}

/** All are looked at before one is kept: a poll that is judged port by port is judged against the last. */
function haveNotFallen({ cells, octets }: QuietPorts, { numbers }: CounterColumns): boolean {
  for (let k = 0; k < cells.length; k++) {
    const raw = numbers[cells[k] as number] as number;
    if (!(raw >= (octets[k] as number) && raw < Number.MAX_SAFE_INTEGER)) return false;
  }
  for (let k = 0; k < cells.length; k++) octets[k] = numbers[cells[k] as number] as number;
  return true;
}

/** One for all: while ports are quiet, what they said last is kept in one column. */
const IN_COLUMN: readonly number[] = [];

/** After a poll without a finding: what the next one is compared with. Undefined while anything is open or unsteady. */
export function quietPortsOf(reading: Answered, memory: DeviceMemory): QuietPorts | undefined {
  const { interfaces } = reading;
  const columns = counterColumnsOf(interfaces);
  if (!columns || memory.firing.size > 0 || reading.incomplete !== undefined) return undefined;
  const ports = interfaces.map((port) => memory.ports.get(port.name));
  if (ports.some((port) => port !== undefined && port.changesMs.length > 0)) return undefined;
  const firsts = new Int32Array(interfaces.length + 1);
  const cells: number[] = [];
  for (const [i, port] of interfaces.entries()) {
    firsts[i] = cells.length;
    if (!isWatched(port)) continue;
    for (const [k, { metric, bits }] of port.counters.entries())
      if (bits === 64 && metric.endsWith("_octets_total"))
        cells.push(columns.cells[(columns.firsts[i] as number) + k] as number);
  }
  firsts[interfaces.length] = cells.length;
  for (const port of ports) if (port) port.octets = IN_COLUMN;
  return {
    of: interfaces,
    admin: Int32Array.from(interfaces, ({ adminStatus }) => adminStatus),
    oper: Int32Array.from(interfaces, ({ operStatus }) => operStatus),
    discontinuity: Float64Array.from(interfaces, ({ discontinuityTicks }) => discontinuityTicks),
    firsts,
    cells: Int32Array.from(cells),
    octets: Float64Array.from(cells, (cell) => columns.numbers[cell] as number),
  };
}

/** Before ports are judged one by one again: gives their memories what was kept here meanwhile. */
export function wake(quiet: QuietPorts | undefined, memory: DeviceMemory): void {
  if (!quiet) return;
  for (const [i, port] of quiet.of.entries()) {
    const known = memory.ports.get(port.name);
    if (known) known.octets = Array.from(quiet.octets.subarray(quiet.firsts[i], quiet.firsts[i + 1]));
  }
}

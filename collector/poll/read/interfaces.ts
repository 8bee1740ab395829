import { type Cells, joinRows, Tag } from "../../device/snmp/index.ts";
import type { Profile } from "../../profile/index.ts";
import type { Polled } from "../polled.ts";
import type { InterfaceReading } from "../reading.ts";
import { distinctNames, NAME_CHARS_MAX } from "./text.ts";

export const INTERFACES_MAX = 10_000;
const UNKNOWN_STATUS = 4;
const MILLION = 1_000_000;

type Spec = NonNullable<Profile["interfaces"]>;

/** Interfaces with their raw counters, in the order of ifIndex. */
export function readInterfaces(spec: Spec | undefined, polled: Polled): InterfaceReading[] {
  if (!spec) return [];
  const { cells } = polled;
  const counters = Object.entries(spec.counters);
  const fixed = [spec.name, spec.description, spec.adminStatus, spec.operStatus, spec.highSpeed, spec.discontinuity];
  const oids = [...fixed, ...counters.flatMap(([, counter]) => [counter.wide, counter.narrow])];
  const columns = oids.map((oid) => (oid === undefined ? -1 : polled.number(oid)));
  const slow = {
    alias: polled.column(spec.alias),
    type: polled.column(spec.type),
    mac: polled.column(spec.mac),
    speed: polled.column(spec.speed),
  };
  const rows: { index: string; name: string; reading: InterfaceReading }[] = [];
  joinRows(cells, columns, (row) => {
    const some = row.find((cell) => cell >= 0);
    if (some === undefined || rows.length >= INTERFACES_MAX) return;
    const index = cells.indexText(some);
    const [name = -1, description = -1, admin = -1, oper = -1, highSpeed = -1, discontinuity = -1] = row;
    const speedBps = numberAt(cells, highSpeed, 0) * MILLION || slow.speed.get(index)?.number || 0;
    const reading: InterfaceReading = {
      index: Number(index),
      name: "",
      alias: slow.alias.get(index)?.text ?? "",
      type: slow.type.get(index)?.number || 0,
      mac: macText(slow.mac.get(index)?.bytes),
      speedBps,
      adminStatus: numberAt(cells, admin, UNKNOWN_STATUS),
      operStatus: numberAt(cells, oper, UNKNOWN_STATUS),
      counters: readCounters(cells, counters, row.subarray(fixed.length)),
      discontinuityTicks: numberAt(cells, discontinuity, 0),
    };
    // A row without any of these is the remains of an interface that is gone.
    if (oper < 0 && reading.counters.length === 0) return;
    rows.push({ index, name: textAt(cells, name) || textAt(cells, description) || `if${index}`, reading });
  });
  const names = distinctNames(rows);
  return rows.map(({ reading }, i) => ({ ...reading, name: names[i] ?? reading.name }));
}

function readCounters(
  cells: Cells,
  counters: readonly [string, Spec["counters"][string]][],
  row: Int32Array,
): InterfaceReading["counters"] {
  const readings: InterfaceReading["counters"] = [];
  for (const [i, [metric]] of counters.entries()) {
    const wide = row[i * 2] ?? -1;
    const cell = wide >= 0 ? wide : (row[i * 2 + 1] ?? -1);
    if (cell < 0 || !cells.isNumber(cell)) continue;
    readings.push({ metric, raw: cells.big(cell), bits: cells.tag(cell) === Tag.Counter64 ? 64 : 32 });
  }
  return readings;
}

function numberAt(cells: Cells, cell: number, otherwise: number): number {
  return cell >= 0 && cells.isNumber(cell) ? cells.number(cell) : otherwise;
}

function textAt(cells: Cells, cell: number): string {
  return cell < 0 ? "" : cells.text(cell).slice(0, NAME_CHARS_MAX);
}

export function macText(bytes: Uint8Array | undefined): string {
  if (bytes?.length !== 6) return "";
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Interfaces whose index moved while their name stayed. */
export function renumberedOf(
  before: ReadonlyMap<string, number>,
  now: readonly InterfaceReading[],
): { name: string; fromIndex: number; toIndex: number }[] {
  return now.flatMap(({ name, index }) => {
    const fromIndex = before.get(name);
    return fromIndex === undefined || fromIndex === index ? [] : [{ name, fromIndex, toIndex: index }];
  });
}

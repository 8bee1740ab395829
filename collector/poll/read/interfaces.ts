import { type CellReader, joinRows, Tag } from "../../device/snmp/index.ts";
import type { Profile } from "../../profile/index.ts";
import type { Column, Polled } from "../polled.ts";
import type { InterfaceReading } from "../reading.ts";
import { interfaceNames } from "./interface-name.ts";
import { NAME_CHARS_MAX } from "./text.ts";

export const INTERFACES_MAX = 10_000;
const UNKNOWN_STATUS = 4;
export const MILLION = 1_000_000;

type Spec = NonNullable<Profile["interfaces"]>;

/** One interface and the cells that its numbers stand in, -1 where there is none. */
export interface InterfaceRow {
  reading: InterfaceReading;
  admin: number;
  oper: number;
  highSpeed: number;
  discontinuity: number;
  counters: number[];
  /** Where the agent has no highSpeed, or says zero. */
  otherSpeedBps: number;
}

/** Interfaces with their raw counters, in the order of ifIndex. */
export function readInterfaces(spec: Spec | undefined, polled: Polled): InterfaceReading[] {
  return readInterfaceRows(spec, polled).map((row) => row.reading);
}

export function readInterfaceRows(spec: Spec | undefined, polled: Polled): InterfaceRow[] {
  if (!spec) return [];
  const { cells } = polled;
  const counters = Object.entries(spec.counters);
  const fixed = [spec.adminStatus, spec.operStatus, spec.highSpeed, spec.discontinuity, spec.name, spec.description];
  const oids = [...fixed, ...counters.flatMap(([, counter]) => [counter.wide, counter.narrow])];
  const columns = oids.map((oid) => (oid === undefined ? -1 : polled.number(oid)));
  const words = wordsOf(spec, polled);
  const rows: { index: string; name: string; row: InterfaceRow }[] = [];
  joinRows(cells, columns, (cellsOfRow) => {
    const some = cellsOfRow.find((cell) => cell >= 0);
    if (some === undefined || rows.length >= INTERFACES_MAX) return;
    const index = cells.indexText(some);
    const row = readRow({ cells, counters, words, index }, cellsOfRow);
    // A row without any of these is the remains of an interface that is gone.
    if (row.oper < 0 && row.counters.length === 0) return;
    rows.push({ index, name: words.name(index) || words.description(index) || `if${index}`, row });
  });
  const names = interfaceNames(
    rows.map(({ index, name, row }) => ({ index, name, mac: row.reading.mac, alias: row.reading.alias })),
  );
  for (const [i, { row }] of rows.entries()) row.reading.name = names[i] ?? row.reading.name;
  return rows.map(({ row }) => row);
}

function namesIn(column: Column): (index: string) => string {
  return (index) => (column.get(index)?.text ?? "").slice(0, NAME_CHARS_MAX);
}

/** What an interface is called and what it is, by row index: of this poll, or remembered from the last that asked. */
function wordsOf(spec: Spec, polled: Polled) {
  const alias = polled.column(spec.alias);
  const type = polled.column(spec.type);
  const mac = polled.column(spec.mac);
  const speed = polled.column(spec.speed);
  const highSpeed = polled.column(spec.highSpeed);
  return {
    name: namesIn(polled.column(spec.name)),
    description: namesIn(polled.column(spec.description)),
    alias: (index: string) => alias.get(index)?.text ?? "",
    type: (index: string) => type.get(index)?.number || 0,
    mac: (index: string) => macText(mac.get(index)?.bytes),
    highSpeedBps: (index: string) => (highSpeed.get(index)?.number || 0) * MILLION,
    speedBps: (index: string) => speed.get(index)?.number || 0,
  };
}

interface RowSource {
  cells: CellReader;
  counters: readonly [string, Spec["counters"][string]][];
  words: ReturnType<typeof wordsOf>;
  index: string;
}

const FIXED = 6;

function readRow({ cells, counters, words, index }: RowSource, row: Int32Array): InterfaceRow {
  const [admin = -1, oper = -1, highSpeed = -1, discontinuity = -1] = row;
  const otherSpeedBps = words.speedBps(index);
  const read: InterfaceRow = {
    admin,
    oper,
    highSpeed,
    discontinuity,
    counters: [],
    otherSpeedBps,
    reading: {
      index: Number(index),
      name: "",
      alias: words.alias(index),
      type: words.type(index),
      mac: words.mac(index),
      speedBps: words.highSpeedBps(index) || otherSpeedBps,
      adminStatus: numberAt(cells, admin, UNKNOWN_STATUS),
      operStatus: numberAt(cells, oper, UNKNOWN_STATUS),
      counters: [],
      discontinuityTicks: numberAt(cells, discontinuity, 0),
    },
  };
  for (const [i, [metric]] of counters.entries()) {
    const wide = row[FIXED + i * 2] ?? -1;
    const cell = wide >= 0 ? wide : (row[FIXED + i * 2 + 1] ?? -1);
    if (cell < 0 || !cells.isNumber(cell)) continue;
    read.counters.push(cell);
    read.reading.counters.push({ metric, raw: rawOf(cells, cell), bits: cells.tag(cell) === Tag.Counter64 ? 64 : 32 });
  }
  return read;
}

/** A number where that is exact. */
export function rawOf(cells: Pick<CellReader, "number" | "big">, cell: number): number | bigint {
  const number = cells.number(cell);
  return number < Number.MAX_SAFE_INTEGER ? number : cells.big(cell);
}

function numberAt(cells: CellReader, cell: number, otherwise: number): number {
  return cell >= 0 && cells.isNumber(cell) ? cells.number(cell) : otherwise;
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

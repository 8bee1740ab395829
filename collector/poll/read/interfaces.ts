import { type CellReader, joinRows, Tag } from "../../device/snmp/index.ts";
import type { Profile } from "../../profile/index.ts";
import type { Column, Polled } from "../polled.ts";
import type { InterfaceReading } from "../reading.ts";
import { interfaceNames } from "./interface-name.ts";
import { NAME_CHARS_MAX } from "./text.ts";

const INTERFACES_MAX = 10_000;
export const UNKNOWN_STATUS = 4;
export const MILLION = 1_000_000;

type Spec = NonNullable<Profile["interfaces"]>;

/** The cells that an interface's numbers stand in, -1 where there is none. */
export interface InterfaceCells {
  index: string;
  admin: number;
  oper: number;
  highSpeed: number;
  discontinuity: number;
  counters: { metric: string; cell: number }[];
}

/** Interfaces with their raw counters, in the order of ifIndex. */
export function readInterfaces(spec: Spec | undefined, polled: Polled): InterfaceReading[] {
  if (!spec) return [];
  const words = wordsOf(spec, polled);
  const rows = joinInterfaces(spec, polled);
  const readings = rows.map((row) => readRow(row, polled.cells, words));
  const names = interfaceNames(
    readings.map(({ mac, alias }, i) => {
      const { index } = rows[i] as InterfaceCells;
      return { index, name: words.name(index) || words.description(index) || `if${index}`, mac, alias };
    }),
  );
  for (const [i, reading] of readings.entries()) reading.name = names[i] ?? "";
  return readings;
}

/** Rows of interfaces in the order of ifIndex, by what is asked with every poll. */
export function joinInterfaces(spec: Spec, polled: Polled): InterfaceCells[] {
  const { cells } = polled;
  const counters = Object.entries(spec.counters);
  const fixed = [spec.adminStatus, spec.operStatus, spec.highSpeed, spec.discontinuity, spec.name, spec.description];
  const oids = [...fixed, ...counters.flatMap(([, counter]) => [counter.wide, counter.narrow])];
  const columns = oids.map((oid) => (oid === undefined ? -1 : polled.number(oid)));
  const rows: InterfaceCells[] = [];
  joinRows(cells, columns, (cellsOfRow) => {
    const some = cellsOfRow.find((cell) => cell >= 0);
    if (some === undefined || rows.length >= INTERFACES_MAX) return;
    const [admin = -1, oper = -1, highSpeed = -1, discontinuity = -1] = cellsOfRow;
    const row: InterfaceCells = {
      index: cells.indexText(some),
      admin,
      oper,
      highSpeed,
      discontinuity,
      counters: counters.flatMap(([metric], i) => {
        const wide = cellsOfRow[fixed.length + i * 2] ?? -1;
        const cell = wide >= 0 ? wide : (cellsOfRow[fixed.length + i * 2 + 1] ?? -1);
        return cell >= 0 && cells.isNumber(cell) ? [{ metric, cell }] : [];
      }),
    };
    // A row without any of these is the remains of an interface that is gone.
    if (oper >= 0 || row.counters.length > 0) rows.push(row);
  });
  return rows;
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

function readRow(row: InterfaceCells, cells: CellReader, words: ReturnType<typeof wordsOf>): InterfaceReading {
  const { index } = row;
  return {
    index: Number(index),
    name: "",
    alias: words.alias(index),
    type: words.type(index),
    mac: words.mac(index),
    speedBps: words.highSpeedBps(index) || words.speedBps(index),
    adminStatus: numberAt(cells, row.admin, UNKNOWN_STATUS),
    operStatus: numberAt(cells, row.oper, UNKNOWN_STATUS),
    counters: row.counters.map(({ metric, cell }) => {
      const bits = cells.tag(cell) === Tag.Counter64 ? 64 : 32;
      return { metric, raw: rawOf(cells, cell), bits };
    }),
    discontinuityTicks: numberAt(cells, row.discontinuity, 0),
  };
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
  before: readonly InterfaceReading[],
  now: readonly InterfaceReading[],
): { name: string; fromIndex: number; toIndex: number }[] {
  if (before.length === 0 || before === now) return [];
  const indexes = new Map(before.map(({ name, index }) => [name, index]));
  return now.flatMap(({ name, index }) => {
    const fromIndex = indexes.get(name);
    return fromIndex === undefined || fromIndex === index ? [] : [{ name, fromIndex, toIndex: index }];
  });
}

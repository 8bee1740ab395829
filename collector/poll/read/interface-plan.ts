import type { Sheet } from "../../device/snmp/index.ts";
import type { Profile } from "../../profile/index.ts";
import type { Polled } from "../polled.ts";
import type { Sheets } from "../state.ts";
import { type InterfaceCells, joinInterfaces } from "./interfaces.ts";

type Spec = NonNullable<Profile["interfaces"]>;

/** Where what is said of one interface stands in the sheets of its device, as offsets into `InterfacePlan.cells`. */
export const Field = {
  admin: 0,
  oper: 1,
  discontinuity: 2,
  highSpeed: 3,
  speed: 4,
  type: 5,
  name: 6,
  description: 7,
  alias: 8,
  mac: 9,
} as const;
export const FIELDS = 10;

/** The interfaces of all devices whose sheets are of one kind: only numbers and words differ. */
export interface InterfacePlan {
  /** Row indexes as texts, which are ifIndex. */
  readonly indexes: readonly string[];
  /** FIELDS cells an interface, -1 where there is none; those of the slow sheet come behind those of the fast one. */
  readonly cells: Int32Array;
  /** Counters of interface i are counters[firsts[i]] up to counters[firsts[i + 1]], all cells of the fast sheet. */
  readonly firsts: Int32Array;
  readonly counters: Int32Array;
  /** By interface; one list for all that have the same. */
  readonly metrics: readonly (readonly string[])[];
  /** Columns of names and descriptions. */
  readonly naming: readonly { sheet: "fast" | "slow"; column: number }[];
  /** Names as the last device of this kind had them, and the words that they are made of. */
  named: { words: readonly (object | undefined)[]; names: readonly string[] } | undefined;
}

interface Known {
  slow: object;
  spec: Spec;
  plan: InterfacePlan;
}

const plans = new WeakMap<object, Known>();

/** `polled` is what the fast sheet holds. */
export function interfacePlan(spec: Spec, polled: Polled, sheets: Sheets): InterfacePlan {
  const { fast, slow } = sheets;
  const known = plans.get(fast.kind);
  if (known?.slow === slow.kind && known.spec === spec) return known.plan;
  const plan = planAnew(spec, polled, sheets);
  plans.set(fast.kind, { slow: slow.kind, spec, plan });
  return plan;
}

function planAnew(spec: Spec, polled: Polled, sheets: Sheets): InterfacePlan {
  const { fast } = sheets;
  const rows = joinInterfaces(spec, polled);
  const numbered = (cell: number) => (cell >= 0 && fast.isNumber(cell) ? cell : -1);
  const at = (oid: string) => finder(oid, polled, sheets);
  const [highSpeed, speed, type] = [at(spec.highSpeed), at(spec.speed), at(spec.type)];
  const [name, description, alias, mac] = [at(spec.name), at(spec.description), at(spec.alias), at(spec.mac)];
  const cells = rows.flatMap(({ index, admin, oper, discontinuity }) => [
    numbered(admin),
    numbered(oper),
    numbered(discontinuity),
    ...[highSpeed, speed, type, name, description, alias, mac].map((cellAt) => cellAt(index)),
  ]);
  const firsts = new Int32Array(rows.length + 1);
  for (const [i, { counters }] of rows.entries()) firsts[i + 1] = (firsts[i] as number) + counters.length;
  return {
    indexes: rows.map(({ index }) => index),
    cells: Int32Array.from(cells),
    firsts,
    counters: Int32Array.from(rows.flatMap(({ counters }) => counters.map(({ cell }) => cell))),
    metrics: metricsOf(rows),
    naming: [spec.name, spec.description].map((oid) => {
      const column = polled.number(oid);
      if (column >= 0) return { sheet: "fast", column };
      return { sheet: "slow", column: sheets.slowLayout.numbers.get(oid) ?? -1 };
    }),
    named: undefined,
  };
}

function metricsOf(rows: readonly InterfaceCells[]): (readonly string[])[] {
  const lists = new Map<string, readonly string[]>();
  return rows.map(({ counters }) => {
    const metrics = counters.map(({ metric }) => metric);
    const key = metrics.join();
    const known = lists.get(key);
    if (!known) lists.set(key, metrics);
    return known ?? metrics;
  });
}

/** Gives the cell of a column by row index, in whichever sheet the column is. */
function finder(oid: string, polled: Polled, { fast, slow, slowLayout }: Sheets): (index: string) => number {
  const number = polled.number(oid);
  const [sheet, column, offset] =
    number >= 0 ? [fast, number, 0] : [slow, slowLayout.numbers.get(oid) ?? -1, fast.count];
  const cells = new Map(cellsOf(sheet, column).map((cell) => [sheet.indexText(cell), cell + offset]));
  return (index) => cells.get(index) ?? -1;
}

function cellsOf(sheet: Sheet, column: number): number[] {
  return Array.from({ length: sheet.countOf(column) }, (_, place) => sheet.cellOf(column, place));
}

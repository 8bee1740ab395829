import { Tag } from "./ber.ts";
import type { CellReader, Cells } from "./cells.ts";
import { isNumberTag, textOf } from "./cell-text.ts";
import { compareOids, type Oid, subIdentifiers } from "./oid.ts";
import type { Varbinds } from "./varbinds.ts";

// Hot path: values of a walk whose rows are known from the one before. Each is checked against the one OID that must
// come and written to its place: no sorting, no joining, no allocation. Plain twin: Cells, in sheet.test.ts.

/** Row indexes of a column as OID content, one after the other: row i is bytes[ends[i - 1], ends[i]). */
interface Rows {
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
  readonly count: number;
}

export interface SheetColumn {
  readonly prefix: Uint8Array;
  readonly rows: Rows;
  /** Its first cell. */
  readonly base: number;
  /** Reads on until the agent shows its end. The columns that share its rows end where it does. */
  readonly leads: boolean;
  /** The OID behind the cell at this place, -1 for the first question. */
  readonly question: { bytes: Uint8Array; start: number; end: number; place: number; readonly scalar: boolean };
}

export type Taken = "taken" | "ended" | "repeats" | "changed";

/** The cells of one device's usual walk, filled anew by each. */
export class Sheet implements CellReader {
  readonly columns: readonly SheetColumn[];
  readonly count: number;
  /** How many cells of each column the walk under way has brought. */
  readonly seen: Int32Array;
  /** A text or a type of value is another than before: what was made of the sheet must be made anew. */
  wordsChanged = false;
  /** A number is another than the last time. */
  numbersChanged = false;
  readonly #tag: Uint8Array;
  readonly #high: Int32Array;
  readonly #low: Int32Array;
  readonly #words: (Uint8Array | undefined)[];

  constructor(columns: readonly SheetColumn[]) {
    this.columns = columns;
    this.count = columns.reduce((sum, column) => sum + column.rows.count, 0);
    this.seen = new Int32Array(columns.length);
    this.#tag = new Uint8Array(this.count).fill(Tag.Null);
    this.#high = new Int32Array(this.count);
    this.#low = new Int32Array(this.count);
    this.#words = [];
  }

  /** Forgets which cells were read, not what they held. */
  begin(): void {
    this.seen.fill(0);
    this.wordsChanged = false;
    this.numbersChanged = false;
  }

  /** Takes over what a whole walk read of a column. */
  fill(number: number, from: CellReader, theirs: number): void {
    const { base, rows } = this.columns[number] as SheetColumn;
    for (let place = 0; place < rows.count; place++) {
      const cell = from.cell(theirs, place);
      const big = from.isNumber(cell) ? from.big(cell) : 0n;
      this.#tag[base + place] = from.tag(cell);
      this.#high[base + place] = Number(BigInt.asIntN(32, big >> 32n));
      this.#low[base + place] = Number(BigInt.asIntN(32, big));
      if (!from.isNumber(cell)) this.#words[base + place] = from.bytes(cell).slice();
    }
  }

  /** Takes a varbind as the next cell of a column. */
  take(number: number, varbinds: Varbinds, at: number): Taken {
    const column = this.columns[number] as SheetColumn;
    const { prefix, rows } = column;
    const place = this.seen[number] as number;
    const { bytes } = varbinds;
    const start = varbinds.oidStart[at] as number;
    const end = varbinds.oidEnd[at] as number;
    const tag = varbinds.tag[at] as number;
    const indexStart = start + prefix.length;
    let isBelow = tag < 0x80 && end > indexStart;
    for (let i = prefix.length - 1; isBelow && i >= 0; i--) isBelow = prefix[i] === bytes[start + i];
    if (place === rows.count) return isBelow ? this.#beyondEnd(rows, bytes, indexStart, end) : "ended";
    if (!isBelow) return "changed";
    const rowStart = place === 0 ? 0 : (rows.ends[place - 1] as number);
    const length = (rows.ends[place] as number) - rowStart;
    if (length !== end - indexStart) return "changed";
    for (let i = 0; i < length; i++) if (rows.bytes[rowStart + i] !== bytes[indexStart + i]) return "changed";
    this.#put(column.base + place, varbinds, at);
    this.seen[number] = place + 1;
    return "taken";
  }

  #beyondEnd(rows: Rows, bytes: Uint8Array, start: number, end: number): Taken {
    const lastStart = rows.ends[rows.count - 2] ?? 0;
    const order = compareOids(bytes, start, end, rows.bytes, lastStart, rows.ends[rows.count - 1] ?? 0);
    return order > 0 ? "changed" : "repeats";
  }

  #put(cell: number, varbinds: Varbinds, at: number): void {
    const tag = varbinds.tag[at] as number;
    if (tag !== this.#tag[cell]) {
      this.#tag[cell] = tag;
      this.wordsChanged = true;
    }
    const high = varbinds.high[at] as number;
    const low = varbinds.low[at] as number;
    if (low !== this.#low[cell] || high !== this.#high[cell]) this.numbersChanged = true;
    this.#high[cell] = high;
    this.#low[cell] = low;
    if (!isNumberTag(tag)) this.#putWord(cell, varbinds, at);
  }

  #putWord(cell: number, { bytes, valueStart, valueEnd }: Varbinds, at: number): void {
    const start = valueStart[at] as number;
    const length = (valueEnd[at] as number) - start;
    const known = this.#words[cell];
    let isSame = known !== undefined && known.length === length;
    for (let i = 0; isSame && i < length; i++) isSame = known?.[i] === bytes[start + i];
    if (isSame) return;
    this.#words[cell] = bytes.slice(start, start + length);
    this.wordsChanged = true;
  }

  length(column: number): number {
    return this.seen[column] ?? 0;
  }

  cell(column: number, place: number): number {
    return place < this.length(column) ? (this.columns[column]?.base ?? 0) + place : -1;
  }

  tag(cell: number): number {
    return this.#tag[cell] ?? Tag.Null;
  }

  isNumber(cell: number): boolean {
    return isNumberTag(this.tag(cell));
  }

  number(cell: number): number {
    const high = this.#high[cell] as number;
    return (this.#tag[cell] === Tag.Integer ? high : high >>> 0) * 4_294_967_296 + ((this.#low[cell] as number) >>> 0);
  }

  big(cell: number): bigint {
    const high = this.#high[cell] as number;
    return (
      (BigInt(this.tag(cell) === Tag.Integer ? high : high >>> 0) << 32n) | BigInt((this.#low[cell] as number) >>> 0)
    );
  }

  bytes(cell: number): Uint8Array {
    return this.#words[cell] ?? new Uint8Array(0);
  }

  text(cell: number): string {
    return textOf(this, cell);
  }

  indexText(cell: number): string {
    const [bytes, start, end] = this.#row(cell);
    return subIdentifiers(bytes, start, end).join(".");
  }

  compareRows(a: number, b: number): number {
    return compareOids(...this.#row(a), ...this.#row(b));
  }

  #row(cell: number): [Uint8Array, number, number] {
    const column = this.columns.findLast(({ base, rows }) => base <= cell && rows.count > 0);
    if (!column) throw new Error(`cell ${cell} of a sheet of ${this.count}`);
    const place = cell - column.base;
    const { bytes, ends } = column.rows;
    return [bytes, place === 0 ? 0 : (ends[place - 1] as number), ends[place] as number];
  }
}

/** The sheet for the next walks over these columns, by the rows that a whole walk found; `numbers` are their numbers in it. */
export function sheetOf(
  cells: Cells,
  asked: { scalars: readonly Oid[]; columns: readonly Oid[]; numbers: readonly number[] },
): Sheet {
  const known = new Map<string, Rows>();
  let base = 0;
  const columns = [...asked.scalars, ...asked.columns].map((oid, i): SheetColumn => {
    const { key: rowKey, rows } = rowsOf(cells, asked.numbers[i] ?? -1);
    // Columns of one table only: rows of another may come and go apart.
    const key = `${oid.text.slice(0, oid.text.lastIndexOf("."))} ${rowKey}`;
    const shared = known.get(key);
    if (!shared) known.set(key, rows);
    const bytes = new Uint8Array(oid.bytes.length + longestOf(rows));
    bytes.set(oid.bytes);
    const scalar = i < asked.scalars.length;
    const question = { bytes, start: 0, end: oid.bytes.length, place: -1, scalar };
    const column = { prefix: oid.bytes, rows: shared ?? rows, base, leads: shared === undefined, question };
    base += rows.count;
    return column;
  });
  const sheet = new Sheet(columns);
  for (const [i, number] of asked.numbers.entries()) sheet.fill(i, cells, number);
  return sheet;
}

function rowsOf(cells: Cells, column: number): { key: string; rows: Rows } {
  const count = column < 0 ? 0 : cells.length(column);
  const parts = Array.from({ length: count }, (_, place) => cells.indexBytes(cells.cell(column, place)));
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  const ends = new Int32Array(count);
  let end = 0;
  for (const [place, part] of parts.entries()) {
    end += part.length;
    ends[place] = end;
  }
  return { key: `${ends.join()} ${bytes.join()}`, rows: { bytes, ends, count } };
}

function longestOf({ ends, count }: Rows): number {
  let longest = 0;
  for (let i = 0; i < count; i++) longest = Math.max(longest, (ends[i] as number) - (ends[i - 1] ?? 0));
  return longest;
}

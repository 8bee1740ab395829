import { Tag } from "./ber.ts";
import type { CellReader } from "./cells.ts";
import { isNumberTag, textOf } from "./cell-text.ts";
import { compareOids, subIdentifiers } from "./oid.ts";
import type { Varbinds } from "./varbinds.ts";

// Hot path: values of a walk whose rows are known from the one before. Each is checked against the one OID that must
// come and written to its place: no sorting, no joining, no allocation. With poll/board.ts and
// sample/interface-samples.ts a poll of 673 values went from 1.05 to 0.41 ms CPU (Bun 1.4.5, 2 shared cores). Plain
// twin: Cells, in poll/sheet.test.ts.

/** Row indexes of a column as OID content, one after the other: row i is bytes[ends[i - 1], ends[i]). */
export interface Rows {
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
  /** What is no number: the bytes of cell i are #bytes[#start[i], #start[i] + #length[i]). */
  #words: Uint8Array;
  #wordsEnd = 0;
  readonly #start: Int32Array;
  readonly #length: Int32Array;

  constructor(columns: readonly SheetColumn[]) {
    this.columns = columns;
    this.count = columns.reduce((sum, column) => sum + column.rows.count, 0);
    this.seen = new Int32Array(columns.length);
    this.#tag = new Uint8Array(this.count).fill(Tag.Null);
    this.#high = new Int32Array(this.count);
    this.#low = new Int32Array(this.count);
    this.#words = new Uint8Array(0);
    this.#start = new Int32Array(this.count);
    this.#length = new Int32Array(this.count);
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
      if (from.isNumber(cell)) continue;
      const bytes = from.bytes(cell);
      this.#keep(base + place, bytes, 0, bytes.length);
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
    const known = this.#start[cell] as number;
    let isSame = this.#length[cell] === length;
    for (let i = 0; isSame && i < length; i++) isSame = this.#words[known + i] === bytes[start + i];
    if (isSame) return;
    this.wordsChanged = true;
    this.#keep(cell, bytes, start, length);
  }

  #keep(cell: number, bytes: Uint8Array, start: number, length: number): void {
    this.#length[cell] = 0;
    if (this.#wordsEnd + length > this.#words.length) this.#makeRoom(length);
    for (let i = 0; i < length; i++) this.#words[this.#wordsEnd + i] = bytes[start + i] as number;
    this.#start[cell] = this.#wordsEnd;
    this.#length[cell] = length;
    this.#wordsEnd += length;
  }

  /** Moves the words together and leaves room for more: what was replaced is gone with that. */
  #makeRoom(bytes: number): void {
    const live = this.#length.reduce((sum, length) => sum + length, bytes);
    const roomy = new Uint8Array(live + (live >> 2) + 64);
    let end = 0;
    for (let cell = 0; cell < this.count; cell++) {
      const start = this.#start[cell] as number;
      const length = this.#length[cell] as number;
      roomy.set(this.#words.subarray(start, start + length), end);
      this.#start[cell] = end;
      end += length;
    }
    this.#words = roomy;
    this.#wordsEnd = end;
  }

  /** How many rows a column has, whether the walk under way has read them or not: its cells are `base` and those behind. */
  whole(column: number): { base: number; count: number } {
    const { base, rows } = this.columns[column] as SheetColumn;
    return { base, count: rows.count };
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
    const start = this.#start[cell] as number;
    return this.#words.subarray(start, start + (this.#length[cell] as number));
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

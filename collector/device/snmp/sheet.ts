import { Tag } from "./ber.ts";
import type { CellReader } from "./cells.ts";
import { isNumberTag, textOf } from "./cell-text.ts";
import { compareOids, subIdentifiers } from "./oid.ts";
import type { Asked } from "./walk.ts";
import { Words } from "./words.ts";
import type { Varbinds } from "./varbinds.ts";

// Hot path: values of a walk whose rows are known from the one before. Each is checked against the one OID that must
// come and written to its place as a double: no sorting, no joining, no allocation. With poll/read/live-interfaces.ts
// and sample/interface-samples.ts a poll of 724 values went from 1.9 to 1.2 times the CPU of a poller on net-snmp's C
// library (0.26 ms beside 0.22; Bun 1.4.5, 2 shared cores). Twins: Varbinds in sheet.test.ts, Cells in poll/sheet.test.ts.

/** From here on a double does not hold every number: 2^53 in its high word. */
const EXACT_HIGH = 0x1f_ffff;
const WORD = 4_294_967_296;
/** Lengths below it take one byte. */
const SHORT = 0x80;
const NO_BYTES = new Uint8Array(0);

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
  readonly scalar: boolean;
}

export type Taken = "taken" | "ended" | "repeats" | "changed";

/** The cells of one device's usual walk, filled anew by each. */
export class Sheet implements CellReader {
  readonly columns: readonly SheetColumn[];
  readonly count: number;
  /** How many cells of each column the walk under way has brought. */
  readonly seen: Int32Array;
  /** Where `takeUsual` came to. */
  end = 0;
  /** A text or a type of value is another than before: what was made of the sheet must be made anew. */
  wordsChanged = false;
  /** A number is another than the last time. */
  numbersChanged = false;
  readonly #tag: Uint8Array;
  /** By cell; what a double does not hold is rounded here. */
  readonly numbers: Float64Array;
  /** Numbers that a double does not hold. */
  #bigs: Map<number, bigint> | undefined;
  /** What is no number. */
  #words: Words | undefined;

  constructor(columns: readonly SheetColumn[]) {
    this.columns = columns;
    this.count = columns.reduce((sum, column) => sum + column.rows.count, 0);
    this.seen = new Int32Array(columns.length);
    this.#tag = new Uint8Array(this.count).fill(Tag.Null);
    this.numbers = new Float64Array(this.count);
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
      this.#tag[base + place] = from.tag(cell);
      if (from.isNumber(cell)) this.#setNumber(base + place, from.number(cell), () => from.big(cell));
      else this.#wordsOf().keep(base + place, from.bytes(cell));
    }
  }

  /**
   * Takes the varbinds of bytes[start, end) as long as each is the next cell of its column, in its usual form; returns
   * how many those are, and leaves where they end in `end`. Columns come in turns, scalars once.
   */
  takeUsual(bytes: Uint8Array, range: { start: number; end: number }, asked: Asked): number {
    const { columns, seen } = this;
    const { end } = range;
    const { numbers, scalars } = asked;
    let at = range.start;
    let turn = 0;
    let count = 0;
    for (; at < end && turn < numbers.length; count++) {
      const number = numbers[turn] as number;
      const column = columns[number] as SheetColumn;
      const place = seen[number] as number;
      if (place >= column.rows.count) break;
      const stop = this.#takeCell(column, place, bytes, at, end);
      if (stop === 0) break;
      seen[number] = place + 1;
      at = stop;
      turn += 1;
      if (turn === numbers.length && scalars < turn) turn = scalars;
    }
    this.end = at;
    return count;
  }

  /** Where the varbind ends; 0 when it is not the one that must come. */
  #takeCell({ prefix, rows, base }: SheetColumn, place: number, bytes: Uint8Array, at: number, end: number): number {
    const rowStart = place === 0 ? 0 : (rows.ends[place - 1] as number);
    const rowLength = (rows.ends[place] as number) - rowStart;
    const prefixLength = prefix.length;
    const oidLength = prefixLength + rowLength;
    const tagAt = at + 4 + oidLength;
    if (tagAt + 2 > end || oidLength >= SHORT) return 0;
    const valueLength = bytes[tagAt + 1] as number;
    const length = 4 + oidLength + valueLength;
    const stop = at + 2 + length;
    const isUsual =
      bytes[at] === Tag.Sequence &&
      length < SHORT &&
      bytes[at + 1] === length &&
      bytes[at + 2] === Tag.ObjectId &&
      bytes[at + 3] === oidLength &&
      stop <= end;
    if (!isUsual) return 0;
    // From the back: neighbours differ in their last byte.
    for (let i = prefixLength - 1, k = at + 4 + i; i >= 0; i--, k--) if (prefix[i] !== bytes[k]) return 0;
    for (let i = 0, k = at + 4 + prefixLength; i < rowLength; i++, k++)
      if (rows.bytes[rowStart + i] !== bytes[k]) return 0;
    const tag = bytes[tagAt] as number;
    const cell = base + place;
    if (tag !== this.#tag[cell]) return 0;
    if (!isNumberTag(tag)) return this.#words?.equals(cell, bytes, tagAt + 2, valueLength) === true ? stop : 0;
    return this.#takeNumber(cell, tag, bytes, tagAt + 2, stop) ? stop : 0;
  }

  #takeNumber(cell: number, tag: number, bytes: Uint8Array, start: number, stop: number): boolean {
    const length = stop - start;
    if (length < 1 || length > 8) return false;
    const isNegative = (bytes[start] as number) >= 0x80;
    let high = isNegative ? -1 : 0;
    let low = high;
    for (let at = start; at < stop; at++) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | (bytes[at] as number);
    }
    let number = low >>> 0;
    if (tag === Tag.Integer) {
      if (length > 4) return false;
      number = low;
    } else if (tag === Tag.Counter64 && (length === 8 || !isNegative)) {
      if (high >>> 0 >= EXACT_HIGH) return false;
      number += (high >>> 0) * WORD;
    }
    if (this.numbers[cell] !== number) {
      this.numbers[cell] = number;
      this.numbersChanged = true;
    }
    return true;
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
    if (isNumberTag(tag)) return this.#setNumber(cell, varbinds.number(at), () => varbinds.big(at));
    const { bytes, valueStart, valueEnd } = varbinds;
    const words = this.#wordsOf();
    const start = valueStart[at] as number;
    const end = valueEnd[at] as number;
    if (words.equals(cell, bytes, start, end - start)) return;
    this.wordsChanged = true;
    words.keep(cell, bytes.subarray(start, end));
  }

  #setNumber(cell: number, number: number, big: () => bigint): void {
    const isExact = Math.abs(number) < Number.MAX_SAFE_INTEGER;
    const exact = isExact ? undefined : big();
    if (this.numbers[cell] !== number || (exact !== undefined && this.#bigs?.get(cell) !== exact))
      this.numbersChanged = true;
    this.numbers[cell] = number;
    if (exact !== undefined) (this.#bigs ??= new Map()).set(cell, exact);
  }

  #wordsOf(): Words {
    return (this.#words ??= new Words(this.count));
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
    return this.numbers[cell] as number;
  }

  big(cell: number): bigint {
    const number = this.number(cell);
    return Math.abs(number) < Number.MAX_SAFE_INTEGER ? BigInt(number) : (this.#bigs?.get(cell) ?? BigInt(number));
  }

  bytes(cell: number): Uint8Array {
    return this.#words?.bytes(cell) ?? NO_BYTES;
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

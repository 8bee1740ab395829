import { Tag } from "./ber.ts";
import type { CellReader } from "./cells.ts";
import { isNumberTag, textOf } from "./cell-text.ts";
import { compareOids } from "./oid.ts";
import { indexTexts } from "./index-text.ts";
import type { Rows, Shape, SheetColumn } from "./shape.ts";
import { shared } from "./shared-numbers.ts";
import type { Asked } from "./walk.ts";
import { Words } from "./words.ts";
import type { Varbinds } from "./varbinds.ts";

// Hot path: values of a walk whose rows are known from the one before. Each is checked against the one OID that must
// come and written to its place as a double: no sorting, no joining, no allocation. With poll/read/live-interfaces.ts
// and sample/interface-samples.ts a poll of 724 values went from 1.9 to 1.05 times the CPU of a poller on net-snmp's
// C library (0.21 ms beside 0.20; Bun 1.4.5, 2 shared cores). Twins: Varbinds in sheet.test.ts, Cells in poll/sheet.test.ts.

/** From here on a double does not hold every number: 2^53 in its high word. */
const EXACT_HIGH = 0x1f_ffff;
const WORD = 4_294_967_296;
/** Lengths below it take one byte. */
const SHORT = 0x80;
const NO_BYTES = new Uint8Array(0);

export type Taken = "taken" | "ended" | "repeats" | "changed";

/** Whether an OID is the column's prefix and bytes[rowStart, rowEnd) of its rows. */
function isOid(view: DataView, at: number, { prefix, words, rows }: SheetColumn, rowStart: number, rowEnd: number) {
  const length = prefix.length;
  let done = 0;
  for (let word = 0; word < words.length; word++, done += 4) if (view.getInt32(at + done) !== words[word]) return false;
  for (; done < length; done++) if (view.getUint8(at + done) !== prefix[done]) return false;
  for (let row = rowStart; row < rowEnd; row++, done++) if (view.getUint8(at + done) !== rows.bytes[row]) return false;
  return true;
}

/** The cells of one device's usual walk, filled anew by each. */
export class Sheet implements CellReader {
  readonly shape: Shape;
  readonly columns: readonly SheetColumn[];
  readonly count: number;
  /** How many cells of each column the walk under way has brought. */
  readonly seen: Uint16Array;
  /** Where `takeUsual` came to. */
  end = 0;
  /** A text or a type of value is another than before: what was made of the sheet must be made anew. */
  wordsChanged = false;
  /** A number is another than the last time. */
  numbersChanged = false;
  /** By cell; shared with other devices of the shape until one is another. */
  #tag: Uint8Array;
  /** The list of types was made in the walk under way. */
  #ownsTag = false;
  /** By cell; what a double does not hold is rounded here. */
  numbers: Float64Array;
  /** Equal ones of other devices are the same object. */
  #sharesNumbers = false;
  /** Numbers that a double does not hold. */
  #bigs: Map<number, bigint> | undefined;
  /** What is no number, by column. */
  #words: (Words | undefined)[] = NO_WORDS;

  constructor(shape: Shape) {
    this.shape = shape;
    this.columns = shape.columns;
    this.count = shape.count;
    this.seen = new Uint16Array(shape.columns.length);
    this.#tag = new Uint8Array(this.count).fill(Tag.Null);
    this.numbers = new Float64Array(this.count);
  }

  /** Forgets which cells were read, not what they held. */
  begin(): void {
    this.seen.fill(0);
    this.wordsChanged = false;
    this.numbersChanged = false;
    this.#ownsTag = false;
  }

  /** Takes over what a whole walk read, column by column. */
  fill(from: CellReader, theirs: readonly number[]): void {
    for (const [number, their] of theirs.entries()) this.#fillColumn(number, from, their);
    const { shape } = this;
    if (areSame(shape.tags, this.#tag)) this.#tag = shape.tags;
    else shape.tags = this.#tag;
  }

  #fillColumn(number: number, from: CellReader, theirs: number): void {
    const { base, stride, rows } = this.columns[number] as SheetColumn;
    const words: Uint8Array[] = [];
    for (let place = 0, to = base; place < rows.count; place++, to += stride) {
      const cell = from.cell(theirs, place);
      this.#tag[to] = from.tag(cell);
      if (from.isNumber(cell)) this.#setNumber(to, from, cell);
      else words[place] = from.bytes(cell);
    }
    if (words.length > 0) this.#setWords(number, Words.of(Array.from(words, (row) => row ?? NO_BYTES)));
    this.seen[number] = rows.count;
  }

  /** Numbers that hardly ever move are shared with other devices that say the same. */
  shareNumbers(): void {
    this.numbers = shared(this.numbers);
    this.#sharesNumbers = true;
  }

  /** The same object for sheets of one shape whose values are of the same types. */
  get kind(): object {
    return this.#tag;
  }

  /**
   * Takes the varbinds of a list as long as each is the next cell of its column, in its usual form; returns how many
   * those are, and leaves where they end in `end`. Columns come in turns, scalars once.
   */
  takeUsual(list: { view: DataView; start: number; end: number }, { numbers, scalars }: Asked): number {
    const { columns, seen } = this;
    const { view, end } = list;
    let at = list.start;
    let turn = 0;
    let count = 0;
    for (; turn < numbers.length; count++) {
      const number = numbers[turn] as number;
      const column = columns[number] as SheetColumn;
      const place = seen[number] as number;
      const { ends } = column.rows;
      if (place >= ends.length) break;
      const rowStart = place === 0 ? 0 : (ends[place - 1] as number);
      const oidLength = column.prefix.length + (ends[place] as number) - rowStart;
      const tagAt = at + 4 + oidLength;
      if (tagAt + 2 > end) break;
      const valueLength = view.getUint8(tagAt + 1);
      const length = 4 + oidLength + valueLength;
      // A sequence and in it an OID, all lengths in one byte.
      if (length >= SHORT || view.getInt32(at) !== (0x30000600 | (length << 16) | oidLength | 0)) break;
      if (tagAt + 2 + valueLength > end) break;
      if (!isOid(view, at + 4, column, rowStart, ends[place] as number)) break;
      const cell = column.base + place * column.stride;
      if (!isNumberTag(view.getUint8(tagAt))) {
        if (view.getUint8(tagAt) !== this.#tag[cell]) break;
        if (this.#words[number]?.equals(place, view, tagAt + 2, valueLength) !== true) break;
      } else if (!this.#takeNumber(cell, view, tagAt, valueLength)) break;
      seen[number] = place + 1;
      at = tagAt + 2 + valueLength;
      turn += 1;
      if (turn === numbers.length && scalars < turn) turn = scalars;
    }
    this.end = at;
    return count;
  }

  /** False for what is not of the cell's type, or takes more than a glance. */
  #takeNumber(cell: number, view: DataView, tagAt: number, length: number): boolean {
    const tag = view.getUint8(tagAt);
    if (tag !== this.#tag[cell]) return false;
    const start = tagAt + 2;
    if (length < 1 || length > 8) return false;
    // The bytes before the value are those of its OID: reading them and cutting them off is quicker than a loop.
    let number = view.getInt32(start + length - 4);
    if (tag === Tag.Integer) {
      if (length > 4) return false;
      const spare = 32 - 8 * length;
      number = (number << spare) >> spare;
    } else {
      number = (length < 4 ? number & ((1 << (8 * length)) - 1) : number) >>> 0;
      if (tag === Tag.Counter64) {
        if (view.getUint8(start) >= 0x80) return false;
        const high = length > 4 ? view.getUint32(start + length - 8) & (0xffff_ffff >>> (64 - 8 * length)) : 0;
        if (high >= EXACT_HIGH) return false;
        number += high * WORD;
      }
    }
    if (this.numbers[cell] !== number) {
      if (this.#sharesNumbers) this.#ownNumbers();
      this.numbers[cell] = number;
      this.numbersChanged = true;
    }
    return true;
  }

  #ownNumbers(): void {
    this.numbers = this.numbers.slice();
    this.#sharesNumbers = false;
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
    this.#put({ number, place, cell: column.base + place * column.stride }, varbinds, at);
    this.seen[number] = place + 1;
    return "taken";
  }

  #beyondEnd(rows: Rows, bytes: Uint8Array, start: number, end: number): Taken {
    const lastStart = rows.ends[rows.count - 2] ?? 0;
    const order = compareOids(bytes, start, end, rows.bytes, lastStart, rows.ends[rows.count - 1] ?? 0);
    return order > 0 ? "changed" : "repeats";
  }

  #put(to: { number: number; place: number; cell: number }, varbinds: Varbinds, at: number): void {
    const { number, place, cell } = to;
    const tag = varbinds.tag[at] as number;
    if (tag !== this.#tag[cell]) {
      if (!this.#ownsTag) this.#tag = this.#tag.slice();
      this.#ownsTag = true;
      this.#tag[cell] = tag;
      this.wordsChanged = true;
    }
    if (isNumberTag(tag)) return this.#setNumber(cell, varbinds, at);
    const row = varbinds.bytes.subarray(varbinds.valueStart[at], varbinds.valueEnd[at]);
    const words = this.#words[number];
    const view = new DataView(row.buffer, row.byteOffset, row.length);
    if (words?.equals(place, view, 0, row.length) === true) return;
    this.wordsChanged = true;
    const { count } = (this.columns[number] as SheetColumn).rows;
    this.#setWords(number, (words ?? Words.of(Array.from({ length: count }, () => NO_BYTES))).with(place, row));
  }

  #setWords(number: number, words: Words): void {
    if (this.#words === NO_WORDS) this.#words = Array.from(this.columns, () => undefined);
    this.#words[number] = words;
  }

  #setNumber(cell: number, from: { number(at: number): number; big(at: number): bigint }, at: number): void {
    const number = from.number(at);
    const exact = Math.abs(number) < Number.MAX_SAFE_INTEGER ? undefined : from.big(at);
    if (this.numbers[cell] !== number || (exact !== undefined && this.#bigs?.get(cell) !== exact))
      this.numbersChanged = true;
    if (this.#sharesNumbers && this.numbers[cell] !== number) this.#ownNumbers();
    this.numbers[cell] = number;
    if (exact !== undefined) (this.#bigs ??= new Map()).set(cell, exact);
  }

  /** How many rows a column has, whether the walk under way has read them or not. */
  countOf(column: number): number {
    return this.columns[column]?.rows.count ?? 0;
  }

  /** The cell of a row, read or not. */
  cellOf(column: number, place: number): number {
    const { base, stride } = this.columns[column] as SheetColumn;
    return base + place * stride;
  }

  length(column: number): number {
    return this.seen[column] ?? 0;
  }

  cell(column: number, place: number): number {
    return place < this.length(column) ? this.cellOf(column, place) : -1;
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
    const column = this.#column(cell);
    return this.#words[this.shape.columnOf[cell] as number]?.bytes(placeOf(column, cell)) ?? NO_BYTES;
  }

  text(cell: number): string {
    if (this.isNumber(cell)) return textOf(this, cell);
    const words = this.#words[this.shape.columnOf[cell] as number];
    return words ? words.text(placeOf(this.#column(cell), cell), this.tag(cell), () => textOf(this, cell)) : "";
  }

  /** Stands for what is no number in a column: the same object means the same words. Undefined where nobody can tell. */
  wordsOf(column: number): object | undefined {
    const words = this.#words[column];
    if (!words) return NO_WORDS;
    return words.isConstant ? words : undefined;
  }

  indexText(cell: number): string {
    const column = this.#column(cell);
    return indexTexts(column.rows)[placeOf(column, cell)] as string;
  }

  compareRows(a: number, b: number): number {
    return compareOids(...this.#row(a), ...this.#row(b));
  }

  #column(cell: number): SheetColumn {
    const column = this.columns[this.shape.columnOf[cell] ?? -1];
    if (!column) throw new Error(`cell ${cell} of a sheet of ${this.count}`);
    return column;
  }

  #row(cell: number): [Uint8Array, number, number] {
    const column = this.#column(cell);
    const place = placeOf(column, cell);
    const { bytes, ends } = column.rows;
    return [bytes, place === 0 ? 0 : (ends[place - 1] as number), ends[place] as number];
  }
}

const NO_WORDS: (Words | undefined)[] = [];

function placeOf({ base, stride }: SheetColumn, cell: number): number {
  return (cell - base) / stride;
}

function areSame(known: Uint8Array | undefined, tags: Uint8Array): known is Uint8Array {
  if (known?.length !== tags.length) return false;
  for (let i = 0; i < tags.length; i++) if (known[i] !== tags[i]) return false;
  return true;
}

import { Tag } from "./ber.ts";
import { isNumberTag, textOf } from "./cell-text.ts";
import { compareOids, subIdentifiers } from "./oid.ts";
import type { Varbinds } from "./varbinds.ts";

// Hot path: one row of numbers per value, no object; what a walk read stays in the datagrams it came in. A walk of 578
// values in 10 requests takes 0.4 to 0.6 ms CPU, most of it in sending (Bun 1.4.5, 2 shared cores). Twin in cells.test.ts.

/** Values of one walk by column and place; a cell's number is the handle that every other accessor takes. */
export interface CellReader {
  readonly count: number;
  length(column: number): number;
  cell(column: number, place: number): number;
  tag(cell: number): number;
  isNumber(cell: number): boolean;
  number(cell: number): number;
  big(cell: number): bigint;
  bytes(cell: number): Uint8Array;
  text(cell: number): string;
  indexText(cell: number): string;
  compareRows(a: number, b: number): number;
}

/** Values read by one walk, by column and then in the order of their row index. */
export class Cells implements CellReader {
  count = 0;
  #column: Uint16Array;
  #message: Uint16Array;
  #tag: Uint8Array;
  #numbers: Int32Array;
  readonly #messages: Uint8Array[] = [];
  #order = new Int32Array(0);
  #first = new Int32Array(0);

  constructor(capacity = 256) {
    this.#column = new Uint16Array(capacity);
    this.#message = new Uint16Array(capacity);
    this.#tag = new Uint8Array(capacity);
    this.#numbers = new Int32Array(capacity * FIELDS);
  }

  /** Copies row `from` of the message's varbinds; the row index begins `prefixLength` bytes into its OID. */
  append(column: number, varbinds: Varbinds, from: number, prefixLength: number): void {
    if (this.count === this.#column.length) this.#grow();
    if (this.#messages.at(-1) !== varbinds.bytes) this.#messages.push(varbinds.bytes);
    const row = this.count;
    this.count += 1;
    this.#column[row] = column;
    this.#message[row] = this.#messages.length - 1;
    this.#tag[row] = varbinds.tag[from] as number;
    const at = row * FIELDS;
    this.#numbers[at] = (varbinds.oidStart[from] as number) + prefixLength;
    this.#numbers[at + 1] = varbinds.oidEnd[from] as number;
    this.#numbers[at + 2] = varbinds.valueStart[from] as number;
    this.#numbers[at + 3] = varbinds.valueEnd[from] as number;
    this.#numbers[at + 4] = varbinds.high[from] as number;
    this.#numbers[at + 5] = varbinds.low[from] as number;
  }

  #grow(): void {
    const capacity = this.#column.length * 2;
    this.#column = enlarged(this.#column, new Uint16Array(capacity));
    this.#message = enlarged(this.#message, new Uint16Array(capacity));
    this.#tag = enlarged(this.#tag, new Uint8Array(capacity));
    this.#numbers = enlarged(this.#numbers, new Int32Array(capacity * FIELDS));
  }

  /** Sorts by column once the walk is over; the order within a column is that of arrival. */
  finish(columns: number): void {
    const first = new Int32Array(columns + 1);
    for (let row = 0; row < this.count; row++) {
      const next = (this.#column[row] as number) + 1;
      first[next] = (first[next] as number) + 1;
    }
    for (let column = 0; column < columns; column++)
      first[column + 1] = (first[column + 1] as number) + (first[column] as number);
    const order = new Int32Array(this.count);
    const place = first.slice();
    for (let row = 0; row < this.count; row++) {
      const column = this.#column[row] as number;
      order[place[column] as number] = row;
      place[column] = (place[column] as number) + 1;
    }
    this.#first = first;
    this.#order = order;
  }

  /** How many values a column has. */
  length(column: number): number {
    return (this.#first[column + 1] ?? 0) - (this.#first[column] ?? 0);
  }

  /** The cell at a place of a column: the handle that every accessor below takes. */
  cell(column: number, place: number): number {
    return this.#order[(this.#first[column] ?? 0) + place] ?? -1;
  }

  tag(cell: number): number {
    return this.#tag[cell] ?? Tag.Null;
  }

  /** Order of the row indexes of two cells; zero when they stand in one row. */
  compareRows(a: number, b: number): number {
    const aAt = a * FIELDS;
    const bAt = b * FIELDS;
    return compareOids(
      this.#bytes(a),
      this.#numbers[aAt] as number,
      this.#numbers[aAt + 1] as number,
      this.#bytes(b),
      this.#numbers[bAt] as number,
      this.#numbers[bAt + 1] as number,
    );
  }

  /** The sub-identifiers of the row index. */
  index(cell: number): number[] {
    const at = cell * FIELDS;
    return subIdentifiers(this.#bytes(cell), this.#numbers[at] as number, this.#numbers[at + 1] as number);
  }

  /** The row index as it stands in the datagram. */
  indexBytes(cell: number): Uint8Array {
    const at = cell * FIELDS;
    return this.#bytes(cell).subarray(this.#numbers[at], this.#numbers[at + 1]);
  }

  /** The row index as dotted text. */
  indexText(cell: number): string {
    return this.index(cell).join(".");
  }

  isNumber(cell: number): boolean {
    return isNumberTag(this.tag(cell));
  }

  /** Exact below 2^53. */
  number(cell: number): number {
    const at = cell * FIELDS;
    const high = this.#numbers[at + 4] as number;
    const low = (this.#numbers[at + 5] as number) >>> 0;
    return (this.tag(cell) === Tag.Integer ? high : high >>> 0) * 4_294_967_296 + low;
  }

  /** Exact always. */
  big(cell: number): bigint {
    const at = cell * FIELDS;
    const high = this.#numbers[at + 4] as number;
    const low = (this.#numbers[at + 5] as number) >>> 0;
    return (BigInt(this.tag(cell) === Tag.Integer ? high : high >>> 0) << 32n) | BigInt(low);
  }

  /** The value's bytes, in place: copy what must be kept. */
  bytes(cell: number): Uint8Array {
    const at = cell * FIELDS;
    return this.#bytes(cell).subarray(this.#numbers[at + 2], this.#numbers[at + 3]);
  }

  text(cell: number): string {
    return textOf(this, cell);
  }

  #bytes(cell: number): Uint8Array {
    return this.#messages[this.#message[cell] as number] as Uint8Array;
  }
}

/**
 * Joins columns of one table by their row index, in its order; `visit` gets one cell a column, -1 where a row has none.
 * The array is reused.
 */
export function joinRows(cells: CellReader, columns: readonly number[], visit: (row: Int32Array) => void): void {
  const places = new Int32Array(columns.length);
  const row = new Int32Array(columns.length);
  const heads = new Int32Array(columns.length);
  // Every turn takes at least one cell, so there are at most `count` turns.
  for (let turn = 0; turn <= cells.count; turn++) {
    let least = -1;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      const place = places[i] as number;
      const head = column >= 0 && place < cells.length(column) ? cells.cell(column, place) : -1;
      heads[i] = head;
      if (head >= 0 && (least < 0 || cells.compareRows(head, least) < 0)) least = head;
    }
    if (least < 0) return;
    for (let i = 0; i < columns.length; i++) {
      const head = heads[i] as number;
      const isHere = head >= 0 && (head === least || cells.compareRows(head, least) === 0);
      row[i] = isHere ? head : -1;
      if (isHere) places[i] = (places[i] as number) + 1;
    }
    visit(row);
  }
}

/** OID index start and end, value start and end, high and low word. */
const FIELDS = 6;

function enlarged<T extends Uint8Array | Uint16Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

import { compareOids, isBelow, type Oid } from "./oid.ts";
import type { Question } from "./request.ts";
import type { SnmpCounters } from "./counters.ts";
import type { Varbinds } from "./varbinds.ts";
import { Cells } from "./cells.ts";
import type { Incoming } from "./incoming.ts";
import type { Asked, Plan } from "./walk.ts";
import type { Writer } from "./writer.ts";

export const COLUMNS_MAX = 512;
const ROWS_PER_COLUMN_MAX = 20_000;
const CELLS_MAX = 500_000;

/** One column on its way: what it asks next, and whether it is done. */
interface Column extends Question {
  readonly prefix: Uint8Array;
  readonly scalar: boolean;
  rows: number;
  done: boolean;
}

/** Which columns are still to be read, from where on, and what has been read of them. Knows nothing of messages. */
export class WalkPlan implements Plan {
  readonly keepsAnswers = true;
  readonly cells: Cells;
  readonly #columns: Column[];
  readonly #counters: SnmpCounters;
  /** A limit was met: what is read is not the whole. */
  cutShort = false;

  constructor(options: { scalars: readonly Oid[]; columns: readonly Oid[]; counters: SnmpCounters; capacity: number }) {
    const { scalars, columns } = options;
    if (scalars.length + columns.length > COLUMNS_MAX)
      throw new Error(`a walk of ${scalars.length + columns.length} columns was asked for; the most is ${COLUMNS_MAX}`);
    this.#counters = options.counters;
    this.cells = new Cells(options.capacity);
    this.#columns = [...scalars.map((oid) => columnFrom(oid, true)), ...columns.map((oid) => columnFrom(oid, false))];
  }

  get isDone(): boolean {
    return this.#columns.every((column) => column.done);
  }

  nextWaiting(from: number): number {
    for (let number = from; number < this.#columns.length; number++) if (!this.#columns[number]?.done) return number;
    return -1;
  }

  isScalar(number: number): boolean {
    return this.#column(number).scalar;
  }

  questionBytes(number: number): number {
    const { start, end } = this.#column(number);
    return end - start;
  }

  writeQuestion(writer: Writer, number: number): void {
    const { bytes, start, end } = this.#column(number);
    writer.question(bytes, start, end);
  }

  #column(number: number): Column {
    const column = this.#columns[number];
    if (!column) throw new Error(`column ${number} of a walk of ${this.#columns.length}`);
    return column;
  }

  rowsLeft(): number {
    return ROWS_PER_COLUMN_MAX;
  }

  read(incoming: Incoming): number {
    return incoming.readVarbinds() ? incoming.varbinds.count : -1;
  }

  absorb({ numbers, scalars }: Asked, { varbinds }: Incoming): void {
    const repeated = numbers.length - scalars;
    for (let i = 0; i < varbinds.count; i++) {
      const place = i < scalars ? i : repeated === 0 ? -1 : scalars + ((i - scalars) % repeated);
      const number = numbers[place];
      if (number === undefined) return;
      const column = this.#column(number);
      if (!column.done) this.#take(number, column, varbinds, i);
    }
  }

  #take(number: number, column: Column, varbinds: Varbinds, at: number): void {
    const start = varbinds.oidStart[at] as number;
    const end = varbinds.oidEnd[at] as number;
    const { bytes } = varbinds;
    const isException = (varbinds.tag[at] as number) >= 0x80;
    if (isException || !isBelow(column.prefix, bytes, start, end)) {
      column.done = true;
      return;
    }
    if (compareOids(bytes, start, end, column.bytes, column.start, column.end) <= 0) {
      column.done = true;
      this.#counters.nonIncreasing += 1;
      return;
    }
    this.cells.append(number, varbinds, at, column.prefix.length);
    column.bytes = bytes;
    column.start = start;
    column.end = end;
    column.rows += 1;
    if (column.scalar) column.done = true;
    else if (column.rows >= ROWS_PER_COLUMN_MAX || this.cells.count >= CELLS_MAX) {
      column.done = true;
      this.cutShort = true;
    }
  }

  /** Leaves a column that the agent cannot serve. */
  drop(number: number): void {
    this.#column(number).done = true;
  }

  finish(): void {
    this.cells.finish(this.#columns.length);
  }
}

function columnFrom(oid: Oid, scalar: boolean): Column {
  return { prefix: oid.bytes, scalar, bytes: oid.bytes, start: 0, end: oid.bytes.length, rows: 0, done: false };
}

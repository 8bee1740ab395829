import type { SnmpCounters } from "./counters.ts";
import type { Incoming } from "./incoming.ts";
import type { SheetColumn } from "./shape.ts";
import type { Sheet } from "./sheet.ts";
import type { Varbinds } from "./varbinds.ts";
import type { Asked, Plan } from "./walk.ts";
import type { Writer } from "./writer.ts";

/** Which columns of a sheet are still to be read. It ends early when the agent's rows are others than the sheet's. */
export class SheetPlan implements Plan {
  readonly keepsAnswers = false;
  readonly cells: Sheet;
  readonly cutShort = false;
  changed = false;
  #left: number;
  readonly #done: Uint8Array;
  readonly #counters: SnmpCounters;

  constructor(sheet: Sheet, counters: SnmpCounters) {
    this.cells = sheet;
    this.#counters = counters;
    this.#left = sheet.columns.length;
    this.#done = new Uint8Array(this.#left);
    sheet.begin();
  }

  get isDone(): boolean {
    return this.changed || this.#left === 0;
  }

  nextWaiting(from: number): number {
    for (let number = from; number < this.#done.length; number++) if (this.#done[number] === 0) return number;
    return -1;
  }

  isScalar(number: number): boolean {
    return this.#column(number).scalar;
  }

  questionBytes(number: number): number {
    const { prefix, rows } = this.#column(number);
    const seen = this.cells.seen[number] as number;
    return prefix.length + (seen === 0 ? 0 : (rows.ends[seen - 1] as number) - (rows.ends[seen - 2] ?? 0));
  }

  /** The OID of the cell read last. */
  writeQuestion(writer: Writer, number: number): void {
    const { prefix, rows } = this.#column(number);
    const seen = this.cells.seen[number] as number;
    const start = seen < 2 ? 0 : (rows.ends[seen - 2] as number);
    const end = seen === 0 ? 0 : (rows.ends[seen - 1] as number);
    writer.questionOf(prefix, rows.bytes, start, end);
  }

  /** Rows that the columns still lack, and one more to see the end. */
  rowsLeft(asked: readonly number[]): number {
    let most = 0;
    for (let i = 0; i < asked.length; i++) {
      const number = asked[i] as number;
      most = Math.max(most, this.#column(number).rows.count - (this.cells.seen[number] as number));
    }
    return most + 1;
  }

  /** Takes in an answer at once, as far as it is as expected; the rest goes the slow way. */
  read(incoming: Incoming, asked: Asked): number {
    if (incoming.errorStatus !== 0) return incoming.readVarbinds() ? incoming.varbinds.count : -1;
    const { listBytes, list, varbinds } = incoming;
    const usual = this.cells.takeUsual(incoming.listView(), asked);
    for (let i = 0; i < asked.numbers.length; i++) this.#endWhenWhole(asked.numbers[i] as number);
    if (this.cells.end === list.end) return usual;
    if (!varbinds.decode(listBytes, this.cells.end, list.end)) {
      this.#undo(asked, usual);
      return -1;
    }
    this.#absorb(asked, varbinds, usual);
    return usual + varbinds.count;
  }

  #absorb({ numbers, scalars }: Asked, varbinds: Varbinds, before: number): void {
    const repeated = numbers.length - scalars;
    for (let i = 0; i < varbinds.count && !this.changed; i++) {
      const nth = before + i;
      const turn = nth < scalars ? nth : repeated === 0 ? numbers.length : scalars + ((nth - scalars) % repeated);
      const number = numbers[turn];
      if (number === undefined) return;
      if (this.#done[number] === 0) this.#take(number, varbinds, i);
    }
  }

  #take(number: number, varbinds: Varbinds, at: number): void {
    const taken = this.cells.take(number, varbinds, at);
    if (taken === "taken") return this.#endWhenWhole(number);
    this.#end(number);
    if (taken === "changed") this.changed = true;
    if (taken === "repeats") this.#counters.nonIncreasing += 1;
  }

  /** Nobody looks for the end of a column whose rows are another's: that one looks. */
  #endWhenWhole(number: number): void {
    const { leads, scalar, rows } = this.#column(number);
    const seen = this.cells.seen[number] as number;
    if (this.#done[number] === 0 && (scalar ? seen > 0 : !leads && seen === rows.count)) this.#end(number);
  }

  #end(number: number): void {
    this.#done[number] = 1;
    this.#left -= 1;
  }

  /** Forgets what came before the malformed part of an answer; the columns asked had not ended before it. */
  #undo({ numbers, scalars }: Asked, count: number): void {
    for (let nth = 0; nth < count; nth++) {
      const number = numbers[nth < scalars ? nth : scalars + ((nth - scalars) % (numbers.length - scalars))] as number;
      this.cells.seen[number] = (this.cells.seen[number] as number) - 1;
      if (this.#done[number] === 0) continue;
      this.#done[number] = 0;
      this.#left += 1;
    }
  }

  absorb(): void {
    // Done while it was read.
  }

  drop(): void {
    this.changed = true;
  }

  finish(): void {
    // Cells of a sheet stand in their places from the start.
  }

  #column(number: number): SheetColumn {
    return this.cells.columns[number] as SheetColumn;
  }
}

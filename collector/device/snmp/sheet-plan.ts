import type { SnmpCounters } from "./counters.ts";
import type { Question } from "./request.ts";
import type { Sheet, SheetColumn } from "./sheet.ts";
import type { Varbinds } from "./varbinds.ts";
import type { Plan } from "./walk.ts";

/** Which columns of a sheet are still to be read. It ends early when the agent's rows are others than the sheet's. */
export class SheetPlan implements Plan {
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

  waiting(): number[] {
    const waiting: number[] = [];
    for (let i = 0; i < this.#done.length; i++) if (this.#done[i] === 0) waiting.push(i);
    return waiting;
  }

  /** Its next question: the OID of the cell read last. */
  column(number: number): Question & { scalar: boolean } {
    const { question, prefix, rows } = this.#column(number);
    const place = (this.cells.seen[number] as number) - 1;
    if (question.place === place) return question;
    let end = prefix.length;
    if (place >= 0)
      for (let i = place === 0 ? 0 : (rows.ends[place - 1] as number); i < (rows.ends[place] as number); i++)
        question.bytes[end++] = rows.bytes[i] as number;
    question.place = place;
    question.end = end;
    return question;
  }

  /** Rows that the columns still lack, and one more to see the end. */
  rowsLeft(asked: readonly number[]): number {
    let most = 0;
    for (const number of asked)
      most = Math.max(most, this.#column(number).rows.count - (this.cells.seen[number] as number));
    return most + 1;
  }

  absorb(asked: readonly number[], scalars: number, varbinds: Varbinds): void {
    const repeated = asked.length - scalars;
    let place = 0;
    for (let i = 0; i < varbinds.count; i++) {
      const number = asked[place];
      if (number === undefined) return;
      place += 1;
      if (place === asked.length) place = repeated === 0 ? asked.length : scalars;
      if (this.#done[number] === 0) this.#take(number, varbinds, i);
      if (this.changed) return;
    }
  }

  #take(number: number, varbinds: Varbinds, at: number): void {
    const { question, leads, rows } = this.#column(number);
    const taken = this.cells.take(number, varbinds, at);
    const goesOn = taken === "taken" && !question.scalar && (leads || this.cells.seen[number] !== rows.count);
    if (goesOn) return;
    this.#done[number] = 1;
    this.#left -= 1;
    if (taken === "changed") this.changed = true;
    if (taken === "repeats") this.#counters.nonIncreasing += 1;
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

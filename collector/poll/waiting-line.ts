import type { Planned } from "./plan.ts";

/** How many that were taken stand before the rest until they are cleared away. */
const COMPACT_AT = 1_024;

/** Devices that are due while as many polls are under way as may be: the longest due first, those asked for before them. */
export class WaitingLine {
  readonly #asked: Planned[] = [];
  readonly #due: Planned[] = [];
  /** The first of the due that still waits. */
  #head = 0;

  get size(): number {
    return this.#asked.length + this.#due.length - this.#head;
  }

  push(entry: Planned): void {
    entry.isWaiting = true;
    this.#due.push(entry);
  }

  pushFirst(entry: Planned): void {
    entry.isWaiting = true;
    this.#asked.push(entry);
  }

  /** The next one that is still wanted. */
  take(): Planned | undefined {
    for (let entry = this.#next(); entry; entry = this.#next()) if (entry.isWaiting) return entry;
    return undefined;
  }

  #next(): Planned | undefined {
    const asked = this.#asked.pop();
    if (asked) return asked;
    const entry = this.#due[this.#head];
    if (!entry) return undefined;
    this.#head += 1;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#due.length) {
      this.#due.splice(0, this.#head);
      this.#head = 0;
    }
    return entry;
  }

  /** Since when the first in line is due; undefined when none is. */
  get dueMs(): number | undefined {
    return this.#due[this.#head]?.dueMs;
  }

  /** Empties the line and gives who stood in it. */
  clear(): Planned[] {
    const all = [...this.#asked, ...this.#due.slice(this.#head)].filter(({ isWaiting }) => isWaiting);
    this.#asked.length = this.#due.length = this.#head = 0;
    for (const entry of all) entry.isWaiting = false;
    return all;
  }
}

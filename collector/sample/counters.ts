import { type CounterInput, nextCounter } from "./counter.ts";

/** States of all counters by series id. */
export class CounterTable {
  #raw = new BigUint64Array(1_024);
  #emitted = new Float64Array(1_024).fill(-1);

  /** Takes a raw value and gives the one to store. */
  next(seriesId: number, input: CounterInput): number {
    if (seriesId >= this.#emitted.length) this.#grow(seriesId + 1);
    const emitted = this.#emitted[seriesId] ?? -1;
    const before = emitted < 0 ? undefined : { raw: this.#raw[seriesId] ?? 0n, emitted };
    const after = nextCounter(before, input);
    this.#raw[seriesId] = after.raw;
    this.#emitted[seriesId] = after.emitted;
    return after.emitted;
  }

  #grow(count: number): void {
    const capacity = 2 ** Math.ceil(Math.log2(count + 1));
    const raw = new BigUint64Array(capacity);
    const emitted = new Float64Array(capacity).fill(-1);
    raw.set(this.#raw);
    emitted.set(this.#emitted);
    this.#raw = raw;
    this.#emitted = emitted;
  }
}

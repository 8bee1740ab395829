import { type CounterInput, type CounterState, nextCounter } from "./counter.ts";

// Hot path: a counter that never wrapped, folded or restarted emits what it reads; only the others need exact sums.

/** States of all counters by series id. */
export class CounterTable {
  /** The last value where raw and emitted are the same; NaN where they are not, or nothing is known. */
  #plain = new Float64Array(1_024).fill(Number.NaN);
  readonly #apart = new Map<number, CounterState>();
  /** Width of the last value; 0 where there was none. */
  #bits = new Uint8Array(1_024);

  /** The value to store of a counter that only counted up; NaN where that takes `next`. */
  nextPlain(seriesId: number, raw: number | bigint): number {
    const last = this.#plain[seriesId] as number;
    if (!(typeof raw === "number" && raw >= last)) return Number.NaN;
    this.#plain[seriesId] = raw;
    return raw;
  }

  /** Takes a raw value and gives the one to store. */
  next(seriesId: number, input: CounterInput): number {
    if (seriesId >= this.#plain.length) this.#grow(seriesId + 1);
    const last = this.#plain[seriesId] as number;
    const bits = this.#bits[seriesId] === 32 ? (32 as const) : (64 as const);
    const before = Number.isNaN(last) ? this.#apart.get(seriesId) : { raw: BigInt(last), emitted: last, bits };
    const after = nextCounter(before, input);
    const isPlain = BigInt(after.emitted) === after.raw;
    this.#plain[seriesId] = isPlain ? after.emitted : Number.NaN;
    this.#bits[seriesId] = after.bits;
    if (isPlain) this.#apart.delete(seriesId);
    else this.#apart.set(seriesId, after);
    return after.emitted;
  }

  #grow(count: number): void {
    const plain = new Float64Array(2 ** Math.ceil(Math.log2(count + 1))).fill(Number.NaN);
    plain.set(this.#plain);
    this.#plain = plain;
    const bits = new Uint8Array(plain.length);
    bits.set(this.#bits);
    this.#bits = bits;
  }
}

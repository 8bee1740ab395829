import { type CounterInput, type CounterState, nextCounter } from "./counter.ts";

// Hot path: a counter that never wrapped, folded or restarted emits what it reads; only the others need exact sums.

/** States of the counters of one device, by series id. */
export class CounterTable {
  /** The last value where raw and emitted are the same; NaN where they are not, or nothing is known. */
  #plain = new Float64Array(0);
  #apart: Map<number, CounterState> | undefined;
  /** A bit for each: whether the last value was of 32 bits. */
  #narrow = new Uint8Array(0);
  #end = 0;

  /** The value to store of a counter that only counted up; NaN where that takes `next`. */
  nextPlain(id: number, raw: number | bigint): number {
    const last = this.#plain[id] as number;
    if (!(typeof raw === "number" && raw >= last)) return Number.NaN;
    this.#plain[id] = raw;
    return raw;
  }

  /** Takes a raw value and gives the one to store. */
  next(id: number, input: CounterInput): number {
    if (id >= this.#end) this.#reach(id + 1);
    const last = this.#plain[id] as number;
    const before = Number.isNaN(last)
      ? this.#apart?.get(id)
      : { raw: BigInt(last), emitted: last, bits: this.#bits(id) };
    const after = nextCounter(before, input);
    const isPlain = BigInt(after.emitted) === after.raw;
    this.#plain[id] = isPlain ? after.emitted : Number.NaN;
    const others = (this.#narrow[id >> 3] as number) & ~(1 << (id & 7));
    this.#narrow[id >> 3] = after.bits === 32 ? others | (1 << (id & 7)) : others;
    if (!isPlain) (this.#apart ??= new Map()).set(id, after);
    else if (this.#apart?.delete(id) && this.#apart.size === 0) this.#apart = undefined;
    return after.emitted;
  }

  /** Gives back the room that was made for more counters than came. */
  trim(): void {
    if (this.#plain.length > this.#end) this.#resize(this.#end);
  }

  #bits(id: number): 32 | 64 {
    return ((this.#narrow[id >> 3] as number) >> (id & 7)) & 1 ? 32 : 64;
  }

  #reach(end: number): void {
    this.#end = end;
    if (end > this.#plain.length) this.#resize(2 * end);
  }

  #resize(length: number): void {
    const plain = new Float64Array(length).fill(Number.NaN);
    plain.set(this.#plain.subarray(0, length));
    this.#plain = plain;
    const narrow = new Uint8Array(Math.ceil(length / 8));
    narrow.set(this.#narrow.subarray(0, narrow.length));
    this.#narrow = narrow;
  }
}

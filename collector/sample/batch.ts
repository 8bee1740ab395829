import type { SampleBatch, Series } from "./sample.ts";
import type { Scope } from "./series-table.ts";

// Hot path: series are the same from poll to poll, so the last batch's list is compared with and handed on instead of
// built anew, and a stamp per series stands for a set of those seen.

/** Which batch each series was in last, by series id; one for all batches. */
export class Stamps {
  #last = new Int32Array(1_024);
  #batch = 0;
  /** Series that are in it all the same: those from here up to there. */
  #runFrom = 0;
  #runTo = 0;

  begin(): void {
    // After 2^32 batches a number comes again; a series not sampled since then would be missing once.
    this.#batch = (this.#batch + 1) | 0;
    this.#runFrom = this.#runTo = 0;
  }

  has(seriesId: number): boolean {
    return this.#last[seriesId] === this.#batch || (seriesId >= this.#runFrom && seriesId < this.#runTo);
  }

  addAll(ids: Int32Array, isRun: boolean): void {
    const first = ids[0] ?? 0;
    if (isRun && this.#runTo === 0) {
      this.#runFrom = first;
      this.#runTo = first + ids.length;
    } else for (const id of ids) this.add(id);
  }

  add(seriesId: number): void {
    if (seriesId >= this.#last.length) {
      const grown = new Int32Array(2 ** Math.ceil(Math.log2(seriesId + 2)));
      grown.set(this.#last);
      this.#last = grown;
    }
    this.#last[seriesId] = this.#batch;
  }
}

/** Series that always come together, in their order. */
export interface Block {
  readonly ids: Int32Array;
  /** Whether each id is the one before and one. */
  readonly isRun: boolean;
  /** The list that these series last stood in, and where: they have no list of their own. */
  in: { list: readonly Series[]; at: number };
}

/** Gathers the samples of one reading; a series stands in it once. One builder is under way at a time. */
export class BatchBuilder {
  readonly #stamps: Stamps;
  readonly #before: Series[];
  /** Undefined as long as the series are those of the last batch. */
  #own: Series[] | undefined;
  #values: Float64Array;
  #count = 0;

  constructor(stamps: Stamps, before: Series[]) {
    stamps.begin();
    this.#stamps = stamps;
    this.#before = before;
    this.#values = new Float64Array(Math.max(16, before.length));
  }

  /** Where the next sample stands, and the list of series up to there. */
  get place(): { list: readonly Series[]; at: number } {
    return { list: this.#own ?? this.#before, at: this.#count };
  }

  /** Leaves out what is not a number and what the table has no room for. */
  add(scope: Scope, metric: string, value: number): void {
    if (!Number.isFinite(value)) return;
    const series = this.claim(scope, metric);
    if (series) this.put(series, value);
  }

  /** The series to put a value for; undefined when there is none, or it has one. */
  claim(scope: Scope, metric: string): Series | undefined {
    const series = scope.series(metric);
    return series && !this.#stamps.has(series.id) ? series : undefined;
  }

  put(series: Series, value: number): void {
    const at = this.#count;
    this.#count = at + 1;
    this.#stamps.add(series.id);
    if (this.#own) this.#own.push(series);
    else if (this.#before[at] !== series) {
      this.#own = this.#before.slice(0, at);
      this.#own.push(series);
    }
    if (at === this.#values.length) this.#grow();
    this.#values[at] = value;
  }

  /** Distinct series in a row, whose values are the caller's to write, from the place returned on. */
  putBlock(block: Block): { values: Float64Array; at: number } {
    const { ids, isRun } = block;
    const at = this.#count;
    this.#count = at + ids.length;
    this.#stamps.addAll(ids, isRun);
    if (this.#own || !this.#hasBefore(block, at)) {
      this.#own ??= this.#before.slice(0, at);
      const { list, at: first } = block.in;
      for (let i = 0; i < ids.length; i++) this.#own.push(list[first + i] as Series);
    }
    while (this.#count > this.#values.length) this.#grow();
    return { values: this.#values, at };
  }

  #hasBefore(block: Block, at: number): boolean {
    const { list, at: first } = block.in;
    if (list === this.#before && first === at) return true;
    for (let i = 0; i < block.ids.length; i++) if (this.#before[at + i] !== list[first + i]) return false;
    block.in = { list: this.#before, at };
    return true;
  }

  #grow(): void {
    const grown = new Float64Array(this.#values.length * 2);
    grown.set(this.#values);
    this.#values = grown;
  }

  build(device: string, takenAtMs: number): SampleBatch {
    const count = this.#count;
    // A copy: a list that grew has room for half as many again, and this one is kept.
    const series = this.#own?.slice() ?? (count === this.#before.length ? this.#before : this.#before.slice(0, count));
    const values = count === this.#values.length ? this.#values : this.#values.slice(0, count);
    return { device, takenAtMs, series, values };
  }
}

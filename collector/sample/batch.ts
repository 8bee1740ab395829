import type { SampleBatch, Series } from "./sample.ts";
import type { Scope } from "./series-table.ts";

/** Gathers the samples of one reading; a series stands in it once. */
export class BatchBuilder {
  readonly #series: Series[] = [];
  readonly #values: number[] = [];
  readonly #seen = new Set<number>();

  /** Leaves out what is not a number and what the table has no room for. */
  add(scope: Scope, metric: string, value: number): void {
    if (!Number.isFinite(value)) return;
    const series = this.claim(scope, metric);
    if (series) this.put(series, value);
  }

  /** The series to put a value for; undefined when there is none, or it has one. */
  claim(scope: Scope, metric: string): Series | undefined {
    const series = scope.series(metric);
    return series && !this.#seen.has(series.id) ? series : undefined;
  }

  put(series: Series, value: number): void {
    this.#seen.add(series.id);
    this.#series.push(series);
    this.#values.push(value);
  }

  build(device: string, takenAtMs: number): SampleBatch {
    return { device, takenAtMs, series: this.#series, values: Float64Array.from(this.#values) };
  }
}

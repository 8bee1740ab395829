import type { SampleBatch, Series } from "../sample/sample.ts";
import type { CodedBatch, StoredBatch } from "./block.ts";
import type { Dictionary } from "./dictionary.ts";

/** Series to ids. Samples for which the dictionary has no room are left out; the caller tells how many. */
export function code(batch: SampleBatch, dictionary: Dictionary): CodedBatch {
  const ids = new Uint32Array(batch.series.length);
  let full = false;
  for (let i = 0; i < ids.length; i += 1) {
    const id = dictionary.idOf(batch.series[i] as Series);
    if (id === undefined) full = true;
    ids[i] = id ?? 0;
  }
  if (!full) return { takenAtMs: batch.takenAtMs, seriesIds: ids, values: batch.values };
  const known = batch.series.flatMap((series, index) => (dictionary.idOf(series) === undefined ? [] : [index]));
  return {
    takenAtMs: batch.takenAtMs,
    seriesIds: Uint32Array.from(known, (index) => ids[index] ?? 0),
    values: Float64Array.from(known, (index) => batch.values[index] ?? Number.NaN),
  };
}

/** Ids to series. Samples whose series' name was damaged on disk cannot be named and are left out. */
export function name(batch: CodedBatch, dictionary: Dictionary): StoredBatch {
  const series = Array.from(batch.seriesIds, (id) => dictionary.seriesOf(id));
  if (!series.includes(undefined)) {
    return { takenAtMs: batch.takenAtMs, series: series as Series[], values: batch.values };
  }
  const kept = series.flatMap((found, index) => (found ? [{ found, value: batch.values[index] ?? Number.NaN }] : []));
  return {
    takenAtMs: batch.takenAtMs,
    series: kept.map((entry) => entry.found),
    values: Float64Array.from(kept, (entry) => entry.value),
  };
}

export function samplesOf(batches: { values: Float64Array }[]): number {
  let samples = 0;
  for (const batch of batches) samples += batch.values.length;
  return samples;
}

/** The span of time that batches cover. */
export function spanOf(batches: { takenAtMs: number }[]): { fromMs: number; toMs: number } {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const batch of batches) {
    fromMs = Math.min(fromMs, batch.takenAtMs);
    toMs = Math.max(toMs, batch.takenAtMs);
  }
  return { fromMs, toMs };
}

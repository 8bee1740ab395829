export function samplesOf(batches: readonly { values: Float64Array }[]): number {
  let samples = 0;
  for (const batch of batches) samples += batch.values.length;
  return samples;
}

/** The span of time that batches cover. */
export function spanOf(batches: readonly { takenAtMs: number }[]): { fromMs: number; toMs: number } {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const batch of batches) {
    fromMs = Math.min(fromMs, batch.takenAtMs);
    toMs = Math.max(toMs, batch.takenAtMs);
  }
  return { fromMs, toMs };
}

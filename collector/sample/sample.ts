/**
 * One time series of this collector, interned: the same name and labels are always the same object, so that encoders
 * may cache what they derive from it. The site label is set by remote-write, never here.
 */
export interface Series {
  /** Dense, from 0, for arrays indexed by series. */
  readonly id: number;
  /** Prometheus name, base units, counters end in _total: if_in_octets_total. */
  readonly name: string;
  /** At least one: device, or job and instance where numbers are of no device; at most 16. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What one poll of one device measured. The two arrays have one length. */
export interface SampleBatch {
  device: string;
  /** Site clock, Unix milliseconds; one time for the whole poll. */
  takenAtMs: number;
  series: Series[];
  /** float64, as the store keeps it; counters are folded below 2^53 with exact deltas (see counter.ts). */
  values: Float64Array;
}

/** Where batches go next. Resolves when the batch is durable. */
export interface SampleSink {
  append(batch: SampleBatch): Promise<void>;
}

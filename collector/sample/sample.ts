import type { SeriesList } from "./series-list.ts";

/** One time series as others see it. The site label is set by remote-write, never here. */
export interface Series {
  /** Dense, from 0, among the series of one register: for what is kept by series. */
  readonly id: number;
  /** Prometheus name, base units, counters end in _total: if_in_octets_total. */
  readonly name: string;
  /** At least one: device, or job and instance where numbers are of no device; at most 16. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What one poll of one device measured. List and values have one length. */
export interface SampleBatch {
  device: string;
  /** Site clock, Unix milliseconds; one time for the whole poll. */
  takenAtMs: number;
  /** The same list from poll to poll as long as the series are, so that encoders may keep what they derive from it. */
  series: SeriesList;
  /** float64, as the store keeps it; counters are folded below 2^53 with exact deltas (see counter.ts). */
  values: Float64Array;
}

/** Where batches go next. Resolves when the batch is durable. */
export interface SampleSink {
  append(batch: SampleBatch): Promise<void>;
}

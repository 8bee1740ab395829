/** One series of a range query. Gaps stay gaps: timestamps are those the store returned. */
export interface RangeSeries {
  labels: Record<string, string>;
  /** Unix seconds, ascending. */
  timestamps: number[];
  values: number[];
}

export interface InstantSeries {
  labels: Record<string, string>;
  timestamp: number;
  value: number;
}

export interface RangeQuery {
  query: string;
  startMs: number;
  endMs: number;
  stepS: number;
}

/** Read side of the metrics store. Bounded: 10 s a query, 2,000 series, 11,000 points a series. */
export interface MetricsStore {
  readonly url: string;
  instant(query: string, atMs?: number): Promise<InstantSeries[]>;
  range(query: RangeQuery): Promise<RangeSeries[]>;
}

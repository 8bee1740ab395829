export { openMetricsStore, POINTS_MAX, QUERY_TIMEOUT_MS, SERIES_MAX } from "./client.ts";
export { quoteLabel, selector } from "./promql.ts";
export type { InstantSeries, MetricsStore, RangeQuery, RangeSeries } from "./store.ts";

export { openMetricsStore } from "./client.ts";
export { selector } from "./promql.ts";
export type { MetricsStore, RangeSeries } from "./store.ts";

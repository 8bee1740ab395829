export type { SampleBatch, SampleSink, Series } from "./sample.ts";
export { newSampleState, samplesOf, type SampleState } from "./samples.ts";
export { type Scope, SeriesTable } from "./series-table.ts";

export { BatchBuilder, Stamps } from "./batch.ts";
export type { SampleBatch } from "./sample.ts";
export { newSampleState, samplesOf } from "./samples.ts";
export { type Scope, SeriesTable } from "./series-table.ts";

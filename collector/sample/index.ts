export type { SampleBatch } from "./sample.ts";
export { newSampleState, samplesOf } from "./samples.ts";
export { SeriesTable } from "./series-table.ts";

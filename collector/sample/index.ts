export { BatchBuilder } from "./batch.ts";
export type { Register } from "./register.ts";
export type { SampleBatch } from "./sample.ts";
export { newSampleState, samplesOf } from "./samples.ts";
export { listOf } from "./series-draft.ts";
export type { Labels, SeriesList } from "./series-list.ts";
export { SeriesTable } from "./series-table.ts";

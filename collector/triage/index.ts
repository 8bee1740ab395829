export { type Enrichment, type EnrichmentStats, startEnrichment } from "./enrichment.ts";
export { type LocalModel, openLocalModel } from "./local-model.ts";
export { createTriage, type Judged, type JudgedEvent, type Triage } from "./triage.ts";

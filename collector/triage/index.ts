export { type Enrichment, startEnrichment } from "./enrichment.ts";
export { openLocalModel } from "./local-model.ts";
export { templateOf } from "./template.ts";
export { createTriage, type JudgedEvent } from "./triage.ts";

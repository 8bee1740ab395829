export type { Case, EvidenceSignal } from "./case.ts";
export { CAUSES_MAX, rankCauses } from "./rank.ts";

export type { EvidenceSignal } from "./case.ts";
export { rankCauses } from "./rank.ts";

export { DiagnosisResult } from "./diagnosis.ts";
export { getEvidence, type StoredEvidence } from "./get-evidence.ts";
export { rerunEvidence } from "./rerun.ts";
export { analysisRequestSchema, getSession, type Session } from "./session.ts";
export { type AssistantOptions, requestAnalysis, type RunningAssistant, startAssistant } from "./start.ts";

export {
  type Cause,
  type Diagnosis,
  DiagnosisResult,
  FAULTS,
  type Fault,
  type Finding,
  type RecommendedAction,
} from "./diagnosis.ts";
export { getEvidence, type StoredEvidence } from "./get-evidence.ts";
export { type Rerun, rerunEvidence } from "./rerun.ts";
export { type AnalysisRequest, analysisRequestSchema, getSession, type Session } from "./session.ts";
export { type AssistantOptions, requestAnalysis, type RunningAssistant, startAssistant } from "./start.ts";

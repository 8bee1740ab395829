export { type Approved, approveRequest, type ApproveRequest } from "./approve.ts";
export { type Cancelled, cancelExecution } from "./cancel.ts";
export { addScriptVersion, type AddScriptVersion, createScript, type CreateScript } from "./create-script.ts";
export type { Undecidable } from "./decide.ts";
export { ordersToSend, sendWaitingOrders, type WaitingOrder } from "./deliver.ts";
export { expireOverdue, startExpirySweep } from "./expire.ts";
export type { ListInput, Page } from "./paging.ts";
export type { AutomationPorts, LinkSender } from "./ports.ts";
export { getApproval, type ListApprovals, listApprovals } from "./read-approval.ts";
export { getExecution, type GetExecution, type ListExecutions, listExecutions } from "./read-execution.ts";
export { getScript, listScripts } from "./read-script.ts";
export { type OutputRecorded, recordScriptOutput } from "./record-output.ts";
export { recordScriptResult, type ResultRecorded } from "./record-result.ts";
export { type Rejected, rejectRequest } from "./reject.ts";
export { requestExecution, type Requested, type RequestExecution } from "./request-execution.ts";
export { type ScriptDraft, scriptDraftSchema, scriptNameSchema } from "./script-draft.ts";
export {
  type Approval,
  APPROVAL_STATUSES,
  type ApprovalStatus,
  type Execution,
  EXECUTION_STATUSES,
  type ExecutionDetail,
  type ExecutionStatus,
  type OutputChunk,
  type RunPlan,
  type ScriptDetail,
  type ScriptSummary,
  type ScriptVersion,
} from "./view.ts";

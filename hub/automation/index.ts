export { type Approved, approveRequest } from "./approve.ts";
export { cancelExecution } from "./cancel.ts";
export { addScriptVersion, createScript } from "./create-script.ts";
export type { Undecidable } from "./decide.ts";
export { collectorsWithOrders, ordersToSend, sendWaitingOrders } from "./deliver.ts";
export { expireOverdue, startExpirySweep } from "./expire.ts";
export type { AutomationPorts } from "./ports.ts";
export { getApproval, listApprovals } from "./read-approval.ts";
export { getExecution, listExecutions } from "./read-execution.ts";
export { getScript, listScripts } from "./read-script.ts";
export { recordScriptOutput } from "./record-output.ts";
export { recordScriptResult } from "./record-result.ts";
export { type Rejected, rejectRequest } from "./reject.ts";
export { requestExecution, type RequestExecution } from "./request-execution.ts";
export { scriptDraftSchema, scriptNameSchema } from "./script-draft.ts";
export {
  type Approval,
  APPROVAL_STATUSES,
  type Execution,
  EXECUTION_STATUSES,
  type RunPlan,
  type ScriptDetail,
} from "./view.ts";

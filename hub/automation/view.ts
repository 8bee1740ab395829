import type { approvals, scriptExecutions, scripts, scriptVersions } from "@watchpost/db/schema";

export const APPROVAL_STATUSES = ["pending", "approved", "rejected", "expired"] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const EXECUTION_STATUSES = [
  "queued",
  "sent",
  "running",
  "finished",
  "refused",
  "timed-out",
  "cancelled",
  "failed-to-start",
  "interrupted",
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];
/** Nothing more comes of an execution that is none of these. */
export const OPEN_STATUSES: readonly ExecutionStatus[] = ["queued", "sent", "running"];

export type ScriptRow = typeof scripts.$inferSelect;
export type ScriptVersionRow = typeof scriptVersions.$inferSelect;
export type ApprovalRow = typeof approvals.$inferSelect;
export type ExecutionRow = typeof scriptExecutions.$inferSelect;

export interface ScriptSummary {
  id: string;
  name: string;
  description: string;
  latestVersion: number;
  createdAt: Date;
}

export interface ScriptVersion {
  id: string;
  version: number;
  argv: string[];
  body: string;
  parameterSchema: Record<string, unknown>;
  timeoutMs: number;
  outputBytesMax: number;
  sha256: string;
  createdAt: Date;
}

export interface ScriptDetail extends ScriptSummary {
  /** Newest first, at most 100. */
  versions: ScriptVersion[];
}

/** Where a run happens and what it calls: the same for a dry run, an approval and an execution. */
export interface RunPlan {
  script: { id: string; name: string; version: number; sha256: string };
  site: string;
  collector: { id: string; name: string };
  targets: string[];
  parameters: Record<string, unknown>;
  /** The very argv; "<body>" stands for the path of the body's file. */
  argv: string[];
  body: string;
  /** What is likely to make the collector refuse, as known here. */
  warnings: string[];
}

export interface Approval extends RunPlan {
  id: string;
  status: ApprovalStatus;
  bindingHash: string;
  incidentId: string | null;
  initiatedBy: string;
  requestedBy: { id: string; name: string } | null;
  decidedBy: { id: string; name: string } | null;
  decidedAt: Date | null;
  expiresAt: Date;
  createdAt: Date;
  /** Of the run that came of it. */
  executionId: string | null;
}

export interface Execution {
  id: string;
  approvalId: string;
  incidentId: string | null;
  script: { id: string; name: string; version: number };
  site: string;
  collector: { id: string; name: string };
  targets: string[];
  status: ExecutionStatus;
  exitCode: number | null;
  /** Why it did not run or was ended: a stable code and a sentence. */
  reasonCode: string;
  reason: string;
  /** The script wrote more than its cap; the rest was dropped at the site. */
  truncated: boolean;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  expiresAt: Date;
  durationMs: number | null;
}

export interface OutputChunk {
  index: number;
  stream: "stdout" | "stderr";
  /** UTF-8 as far as it is; other bytes as U+FFFD. Untrusted text. */
  text: string;
}

export interface ExecutionDetail extends Execution {
  /** The first chunks after the index asked for. */
  output: OutputChunk[];
  /** Index of the last chunk given; hand it back as `outputAfter`. */
  outputNext: number;
  outputIsWhole: boolean;
}

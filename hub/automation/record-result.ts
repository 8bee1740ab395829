import type { Transaction } from "@watchpost/db";
import { approvals, scriptExecutions, scripts, scriptVersions } from "@watchpost/db/schema";
import { ScriptOutcome, type ScriptResult } from "@watchpost/proto";
import { and, eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { boundedText } from "../bounded-text.ts";
import { publish } from "../bus/index.ts";
import type { Context } from "../context.ts";
import { contextFor, type Hub } from "../hub.ts";
import { appendTimeline } from "../incident/index.ts";
import { type ExecutionRow, type ExecutionStatus, OPEN_STATUSES } from "./view.ts";
import { isUuid } from "./uuid.ts";

const REASON_LENGTH_MAX = 1_000;
/** Set by the expiry sweep when a collector stayed silent; the collector's own word, should it come, is better. */
export const NO_ANSWER = "no-answer";

/** The collector behind a stream, from its certificate alone. */
export interface ResultSource {
  collectorId: string;
  siteId: string;
  site: string;
}

export type ResultRecorded = { kind: "recorded"; status: ExecutionStatus } | { kind: "known" } | { kind: "unknown" };

/** Writes down how a run ended: on the execution, the incident's timeline and the audit log. The first word counts. */
export async function recordScriptResult(
  hub: Hub,
  source: ResultSource,
  result: ScriptResult,
): Promise<ResultRecorded> {
  if (!isUuid(result.executionId)) return { kind: "unknown" };
  const ctx = contextFor(hub, { kind: "collector", ...source });
  return hub.db.transaction(async (tx): Promise<ResultRecorded> => {
    const [execution] = await tx
      .select()
      .from(scriptExecutions)
      .where(and(eq(scriptExecutions.id, result.executionId), eq(scriptExecutions.collectorId, source.collectorId)))
      .for("update");
    if (!execution) return { kind: "unknown" };
    if (!isOpen(execution)) return { kind: "known" };

    const ended = endOf(ctx, execution, result);
    await tx.update(scriptExecutions).set(ended).where(eq(scriptExecutions.id, execution.id));
    const { id, incidentId } = execution;
    const { status, exitCode, reasonCode, reason, truncated, durationMs } = ended;
    const details = { status, exitCode, reasonCode, reason, truncated, durationMs, approvalId: execution.approvalId };
    await recordAudit(tx, ctx, { action: `execution.${status}`, entity: "execution", entityId: id, details });
    if (incidentId !== null) {
      const what = await nameOfRun(tx, execution);
      await appendTimeline(tx, {
        incidentId,
        kind: "script",
        text: `${what} ${sentence(ended)}`,
        userId: null,
        at: ended.finishedAt,
        details: { executionId: id, status, exitCode },
      });
    }
    await publish(tx, {
      topic: "execution",
      key: id,
      payload: { kind: "status", status, exitCode, reason, incidentId },
    });
    return { kind: "recorded", status };
  });
}

async function nameOfRun(tx: Transaction, execution: ExecutionRow): Promise<string> {
  const [row] = await tx
    .select({ name: scripts.name, version: scriptVersions.version, targets: approvals.targets })
    .from(approvals)
    .innerJoin(scriptVersions, eq(scriptVersions.id, approvals.scriptVersionId))
    .innerJoin(scripts, eq(scripts.id, scriptVersions.scriptId))
    .where(eq(approvals.id, execution.approvalId));
  if (!row) throw new Error(`execution ${execution.id}: its approval or script is not in the database`);
  return `${row.name} v${row.version}${row.targets.length > 0 ? ` on ${row.targets.join(", ")}` : ""}`;
}

function isOpen(execution: ExecutionRow): boolean {
  return OPEN_STATUSES.includes(execution.status as ExecutionStatus) || execution.reasonCode === NO_ANSWER;
}

function endOf(ctx: Context, execution: ExecutionRow, result: ScriptResult) {
  const status = statusOf(result.outcome);
  const finishedAt = new Date(ctx.clock.nowMs());
  const ran = status !== "refused" && status !== "failed-to-start";
  return {
    status,
    exitCode: ran && status !== "interrupted" ? result.exitCode : null,
    reasonCode: boundedText(result.reasonCode, 40),
    reason: boundedText(result.reason, REASON_LENGTH_MAX),
    truncated: result.truncated,
    durationMs: ran ? Math.min(result.durationMs, 2_147_483_647) : null,
    startedAt: ran ? (execution.startedAt ?? new Date(finishedAt.getTime() - result.durationMs)) : null,
    finishedAt,
  };
}

function statusOf(outcome: ScriptOutcome): ExecutionStatus {
  switch (outcome) {
    case ScriptOutcome.FINISHED:
      return "finished";
    case ScriptOutcome.REFUSED:
      return "refused";
    case ScriptOutcome.TIMED_OUT:
      return "timed-out";
    case ScriptOutcome.CANCELLED:
      return "cancelled";
    case ScriptOutcome.FAILED_TO_START:
      return "failed-to-start";
    case ScriptOutcome.INTERRUPTED:
    case ScriptOutcome.UNSPECIFIED:
      return "interrupted";
  }
}

function sentence(ended: ReturnType<typeof endOf>): string {
  const took = ended.durationMs === null ? "" : ` after ${(ended.durationMs / 1_000).toFixed(1)} s`;
  switch (ended.status) {
    case "finished":
      return `finished with exit code ${ended.exitCode}${took}`;
    case "refused":
      return `was refused by the collector (${ended.reasonCode}): ${ended.reason}`;
    case "timed-out":
      return `was ended by its time-out${took}`;
    case "cancelled":
      return `was cancelled${took}`;
    case "failed-to-start":
      return `did not start: ${ended.reason}`;
    case "interrupted":
      return `was interrupted${took}: ${ended.reason}`;
    case "queued":
    case "sent":
    case "running":
      throw new Error(`an ended execution cannot be ${ended.status}`);
  }
}

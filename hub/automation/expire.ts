import { approvals, scriptExecutions } from "@watchpost/db/schema";
import { and, eq, inArray, lte } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { publish } from "../bus/index.ts";
import { contextFor, type Hub } from "../hub.ts";
import { NO_ANSWER } from "./record-result.ts";

const SWEEP_INTERVAL_MS = 10_000;
const ROWS_MAX = 500;
/** A collector keeps results until they are acknowledged, so a silent one gets this long to come back. */
const ANSWER_WAIT_MS = 86_400_000;

/** Closes what ran out of time: requests nobody decided, orders nobody fetched, runs nobody reported. */
export async function expireOverdue(hub: Hub): Promise<{ approvals: number; executions: number }> {
  const late = await expireApprovals(hub);
  const unsent = await closeExecutions(hub, {
    statuses: ["queued"],
    before: hub.clock.nowMs(),
    end: {
      status: "refused",
      reasonCode: "expired",
      reason: "The collector was not connected before the approval expired. Ask for a new one.",
    },
  });
  const silent = await closeExecutions(hub, {
    statuses: ["sent", "running"],
    before: hub.clock.nowMs() - ANSWER_WAIT_MS,
    end: {
      status: "interrupted",
      reasonCode: NO_ANSWER,
      reason: "The collector was sent this order and has reported no result for a day.",
    },
  });
  return { approvals: late, executions: unsent + silent };
}

async function expireApprovals(hub: Hub): Promise<number> {
  const ctx = contextFor(hub, { kind: "system" });
  return hub.db.transaction(async (tx) => {
    const due = tx
      .select({ id: approvals.id })
      .from(approvals)
      .where(and(eq(approvals.status, "pending"), lte(approvals.expiresAt, new Date(hub.clock.nowMs()))))
      .limit(ROWS_MAX)
      .for("update", { skipLocked: true });
    const rows = await tx
      .update(approvals)
      .set({ status: "expired" })
      .where(inArray(approvals.id, due))
      .returning({ id: approvals.id, incidentId: approvals.incidentId });
    for (const { id } of rows)
      await recordAudit(tx, ctx, { action: "approval.expired", entity: "approval", entityId: id });
    const messages = rows.map(({ id, incidentId }) => {
      return { topic: "approval" as const, key: id, payload: { status: "expired", incidentId } };
    });
    await publish(tx, ...messages);
    return rows.length;
  });
}

interface Closing {
  statuses: string[];
  /** Expiry before this time, Unix milliseconds. */
  before: number;
  end: { status: string; reasonCode: string; reason: string };
}

async function closeExecutions(hub: Hub, { statuses, before, end }: Closing): Promise<number> {
  const ctx = contextFor(hub, { kind: "system" });
  return hub.db.transaction(async (tx) => {
    const due = tx
      .select({ id: scriptExecutions.id })
      .from(scriptExecutions)
      .where(and(inArray(scriptExecutions.status, statuses), lte(scriptExecutions.expiresAt, new Date(before))))
      .limit(ROWS_MAX)
      .for("update", { skipLocked: true });
    const rows = await tx
      .update(scriptExecutions)
      .set({ ...end, finishedAt: new Date(hub.clock.nowMs()) })
      .where(inArray(scriptExecutions.id, due))
      .returning({ id: scriptExecutions.id, incidentId: scriptExecutions.incidentId });
    for (const { id } of rows)
      await recordAudit(tx, ctx, {
        action: `execution.${end.status}`,
        entity: "execution",
        entityId: id,
        details: end,
      });
    const messages = rows.map(({ id, incidentId }) => {
      const payload = { kind: "status", status: end.status, reason: end.reason, incidentId };
      return { topic: "execution" as const, key: id, payload };
    });
    await publish(tx, ...messages);
    return rows.length;
  });
}

/** Sweeps every 10 s until the returned function is called; that waits for a sweep under way. */
export function startExpirySweep(hub: Hub): () => Promise<void> {
  let sweeping: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = expireOverdue(hub).catch((err: unknown) => {
      hub.log.error({ err }, "expiry sweep of approvals and executions failed; the next one is in 10 s");
    });
  }, SWEEP_INTERVAL_MS);
  return async () => {
    clearInterval(timer);
    await sweeping;
  };
}

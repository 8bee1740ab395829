import type { Transaction } from "@watchpost/db";
import { approvals, users } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { publish } from "../bus/index.ts";
import { type Context, userIdOf } from "../context.ts";
import { HubError } from "../error.ts";
import { appendTimeline } from "../incident/index.ts";
import type { ApprovalRow, ApprovalStatus } from "./view.ts";

/** Why an approval cannot be decided any more. */
export type Undecidable =
  | { kind: "already-decided"; status: ApprovalStatus; by: string }
  | { kind: "expired"; expiredAt: Date };

/** Locks the approval; the loser of a race learns who decided. */
export async function takePending(
  tx: Transaction,
  ctx: Context,
  approvalId: string,
): Promise<{ kind: "pending"; approval: ApprovalRow } | Undecidable> {
  const [approval] = await tx.select().from(approvals).where(eq(approvals.id, approvalId)).for("update");
  if (!approval) throw new HubError("not-found", `There is no approval ${approvalId}.`);
  if (
    approval.status === "expired" ||
    (approval.status === "pending" && approval.expiresAt.getTime() <= ctx.clock.nowMs())
  )
    return { kind: "expired", expiredAt: approval.expiresAt };
  if (approval.status === "pending") return { kind: "pending", approval };
  const by = await deciderOf(tx, approval);
  return { kind: "already-decided", status: approval.status as ApprovalStatus, by };
}

async function deciderOf(tx: Transaction, approval: ApprovalRow): Promise<string> {
  if (approval.decidedBy === null) return "the system";
  const [decider] = await tx.select({ name: users.name }).from(users).where(eq(users.id, approval.decidedBy));
  return decider?.name ?? "a person who is gone";
}

/** Writes the decision down: row, audit, timeline, and the bus last. */
export async function recordDecision(
  tx: Transaction,
  ctx: Context,
  { approval, status, text }: { approval: ApprovalRow; status: "approved" | "rejected"; text: string },
): Promise<void> {
  const at = new Date(ctx.clock.nowMs());
  const userId = userIdOf(ctx.actor);
  await tx.update(approvals).set({ status, decidedBy: userId, decidedAt: at }).where(eq(approvals.id, approval.id));
  const { bindingHash, incidentId } = approval;
  const details = { bindingHash, collectorId: approval.collectorId, targets: approval.targets };
  await recordAudit(tx, ctx, { action: `approval.${status}`, entity: "approval", entityId: approval.id, details });
  if (incidentId !== null)
    await appendTimeline(tx, { incidentId, kind: "script", text, userId, at, details: { approvalId: approval.id } });
  await publish(tx, { topic: "approval", key: approval.id, payload: { status, incidentId } });
}

import type { Transaction } from "@watchpost/db";
import { auditLog } from "@watchpost/db/schema";
import { type Context, nameOf, userIdOf } from "../context.ts";

export interface AuditEntry {
  /** Past tense, dotted: "incident.acknowledged". */
  action: string;
  entity: string;
  entityId: string;
  details?: Record<string, unknown>;
}

/** Writes who did what, in the transaction that does it: neither exists without the other. */
export async function recordAudit(tx: Transaction, ctx: Context, entry: AuditEntry): Promise<void> {
  await tx.insert(auditLog).values({
    at: new Date(ctx.clock.nowMs()),
    userId: userIdOf(ctx.actor),
    actor: nameOf(ctx.actor),
    action: entry.action,
    entity: entry.entity,
    entityId: entry.entityId,
    details: entry.details ?? {},
  });
}

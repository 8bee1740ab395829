import { deviceProposals } from "@watchpost/db/schema";
import { and, eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { boundedText } from "../bounded-text.ts";
import { publish } from "../bus/index.ts";
import { type Context, userIdOf } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { proposalsById } from "./list-proposals.ts";
import type { Proposal } from "./view.ts";

const REASON_LENGTH_MAX = 500;

export interface RejectProposal {
  proposalId: string;
  reason?: string | undefined;
}

export type Rejected = { kind: "rejected"; proposal: Proposal } | { kind: "already-decided"; status: string };

/** Leaves a device alone for good; the next scan does not propose it anew. It may still be accepted later. */
export async function rejectProposal(ctx: Context, input: RejectProposal): Promise<Rejected> {
  requirePermission(ctx, "discovery:decide");
  const { proposalId } = input;
  const reason = boundedText(input.reason ?? "", REASON_LENGTH_MAX);
  const decided = await ctx.db.transaction(async (tx) => {
    const decidedAt = new Date(ctx.clock.nowMs());
    const [row] = await tx
      .update(deviceProposals)
      .set({ status: "rejected", reason, decidedBy: userIdOf(ctx.actor), decidedAt })
      .where(and(eq(deviceProposals.id, proposalId), eq(deviceProposals.status, "pending")))
      .returning({ collectorId: deviceProposals.collectorId });
    if (!row) return false;
    const entry = { entity: "proposal", entityId: proposalId, details: { reason } };
    await recordAudit(tx, ctx, { ...entry, action: "discovery.rejected" });
    const payload = { proposals: [proposalId], status: "rejected" };
    await publish(tx, { topic: "collector", key: row.collectorId, payload });
    return true;
  });
  const [proposal] = await proposalsById(ctx, [proposalId]);
  if (!proposal) throw new HubError("not-found", `There is no proposal ${proposalId}.`);
  return decided ? { kind: "rejected", proposal } : { kind: "already-decided", status: proposal.status };
}

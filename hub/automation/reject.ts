import { boundedText } from "../bounded-text.ts";
import type { Context } from "../context.ts";
import { requirePermission } from "../identity/index.ts";
import { recordDecision, takePending, type Undecidable } from "./decide.ts";
import { getApproval } from "./read-approval.ts";
import type { Approval } from "./view.ts";

const REASON_LENGTH_MAX = 500;

export type Rejected = { kind: "rejected"; approval: Approval } | Undecidable;

/** A person's no. Nothing is signed, and nothing can be signed of it later. */
export async function rejectRequest(
  ctx: Context,
  input: { approvalId: string; reason?: string | undefined },
): Promise<Rejected> {
  requirePermission(ctx, "automation:approve");
  const decided = await ctx.db.transaction(async (tx) => {
    const pending = await takePending(tx, ctx, input.approvalId);
    if (pending.kind !== "pending") return pending;
    const reason = boundedText(input.reason ?? "", REASON_LENGTH_MAX);
    const text = reason === "" ? "Script request rejected" : `Script request rejected: ${reason}`;
    await recordDecision(tx, ctx, { approval: pending.approval, status: "rejected", text });
    return pending;
  });
  if (decided.kind !== "pending") return decided;
  return { kind: "rejected", approval: await getApproval(ctx, input) };
}

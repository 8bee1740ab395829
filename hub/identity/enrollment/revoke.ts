import { collectors } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { recordAudit } from "../../audit/index.ts";
import { publish } from "../../bus/index.ts";
import type { Context } from "../../context.ts";
import { HubError } from "../../error.ts";
import { requirePermission } from "../permission.ts";

/** Ends a collector's identity for good. The caller also closes its stream (LinkRegistry.close). */
export async function revokeCollector(ctx: Context, collectorId: string): Promise<void> {
  requirePermission(ctx, "collector:enroll");
  await ctx.db.transaction(async (tx) => {
    const [revoked] = await tx
      .update(collectors)
      .set({ status: "revoked" })
      .where(eq(collectors.id, collectorId))
      .returning({ name: collectors.name });
    if (!revoked) throw new HubError("not-found", `there is no collector ${collectorId}.`);
    await recordAudit(tx, ctx, {
      action: "collector.revoked",
      entity: "collector",
      entityId: collectorId,
      details: { name: revoked.name },
    });
    await publish(tx, { topic: "collector", key: collectorId, payload: { status: "revoked" } });
  });
}

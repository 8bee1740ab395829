import { discoveryScans } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { publish } from "../bus/index.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import type { LinkRegistry } from "../link/index.ts";
import { sendCancel } from "./deliver.ts";
import { OPEN_STATUSES } from "./open-scan.ts";

export type ScanCancelled =
  /** The collector is away: the scan is over here, and what it brings later is taken all the same. */
  | { kind: "cancelled" }
  /** The collector was told; what it found until then still comes. */
  | { kind: "asked" }
  | { kind: "already-ended"; status: string };

export async function cancelScan(
  ctx: Context,
  links: LinkRegistry,
  { scanId }: { scanId: string },
): Promise<ScanCancelled> {
  requirePermission(ctx, "discovery:scan");
  return ctx.db.transaction(async (tx): Promise<ScanCancelled> => {
    const [scan] = await tx.select().from(discoveryScans).where(eq(discoveryScans.id, scanId)).for("update");
    if (!scan) throw new HubError("not-found", `There is no scan ${scanId}.`);
    if (!OPEN_STATUSES.includes(scan.status)) return { kind: "already-ended", status: scan.status };
    const now = new Date(ctx.clock.nowMs());
    const isTold = links.isConnected(scan.collectorId) && sendCancel(links, scan);
    const ended = isTold
      ? {}
      : { status: "cancelled", reason: "Cancelled while its collector was away.", finishedAt: now };
    await tx
      .update(discoveryScans)
      .set({ cancelAskedAt: now, ...ended })
      .where(eq(discoveryScans.id, scanId));
    await recordAudit(tx, ctx, { action: "discovery.scan-cancelled", entity: "scan", entityId: scanId });
    const status = isTold ? scan.status : "cancelled";
    await publish(tx, { topic: "collector", key: scan.collectorId, payload: { scan: scanId, status } });
    return { kind: isTold ? "asked" : "cancelled" };
  });
}

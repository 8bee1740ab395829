import { discoveryScans } from "@watchpost/db/schema";
import type { ScanProgress } from "@watchpost/proto";
import { and, eq, inArray } from "drizzle-orm";
import { publish } from "../bus/index.ts";
import type { Hub } from "../hub.ts";
import type { LinkSource } from "../link/index.ts";
import { isUuid } from "../automation/uuid.ts";
import { OPEN_STATUSES, SILENCE_MAX_MS } from "./open-scan.ts";

const INT32_MAX = 2_147_483_647;

/** Takes note of how far a scan is; one that ended, or is another collector's, is left as it is. */
export async function recordScanProgress(hub: Hub, source: LinkSource, progress: ScanProgress): Promise<void> {
  const { scanId } = progress;
  if (!isUuid(scanId)) return;
  await hub.db.transaction(async (tx) => {
    const totals = totalsOf(progress);
    const [changed] = await tx
      .update(discoveryScans)
      .set({ ...totals, status: "running", expiresAt: new Date(hub.clock.nowMs() + SILENCE_MAX_MS) })
      .where(
        and(
          eq(discoveryScans.id, scanId),
          eq(discoveryScans.collectorId, source.collectorId),
          inArray(discoveryScans.status, OPEN_STATUSES),
        ),
      )
      .returning({ id: discoveryScans.id });
    if (!changed) return;
    const payload = { site: source.site, scan: scanId, status: "running", ...totals };
    await publish(tx, { topic: "collector", key: source.collectorId, payload });
  });
}

/** Numbers as the columns hold them. */
export function totalsOf(progress: ScanProgress) {
  const { addressesTotal, addressesDone, devicesFound, packetsSent } = progress;
  return {
    addressesTotal: Math.min(addressesTotal, INT32_MAX),
    addressesDone: Math.min(addressesDone, INT32_MAX),
    devicesFound: Math.min(devicesFound, INT32_MAX),
    packetsSent: Number(packetsSent > BigInt(INT32_MAX) ? BigInt(INT32_MAX) : packetsSent),
  };
}

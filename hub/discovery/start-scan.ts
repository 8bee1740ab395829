import { collectors, discoveryScans } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { publish } from "../bus/index.ts";
import { type Context, userIdOf } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import type { LinkRegistry } from "../link/index.ts";
import { sendScan } from "./deliver.ts";
import { getScan } from "./list-scans.ts";
import { openScansOf, SILENCE_MAX_MS } from "./open-scan.ts";
import type { ScanDetail } from "./view.ts";

const RANGES_MAX = 64;
/** What a CIDR, an address or two of them with a dash are made of; the collector parses them. */
const RANGE = /^[0-9a-fA-F:.]{2,45}(\/\d{1,3}|-[0-9a-fA-F:.]{2,45})?$/;

export interface StartScan {
  collectorId: string;
  /** CIDR, first-last, or one address. */
  ranges: string[];
}

/** Asks a collector to scan; it does so within what its site allows, now or when it comes back within the hour. */
export async function startScan(ctx: Context, links: LinkRegistry, input: StartScan): Promise<ScanDetail> {
  requirePermission(ctx, "discovery:scan");
  const { collectorId, ranges } = input;
  requireRanges(ranges);
  const scanId = await ctx.db.transaction(async (tx) => {
    const [collector] = await tx.select().from(collectors).where(eq(collectors.id, collectorId)).for("update");
    if (!collector || collector.status === "revoked")
      throw new HubError("not-found", `There is no collector ${collectorId}, or its identity was revoked.`);
    const [open] = await tx.select().from(discoveryScans).where(openScansOf(ctx.clock, collectorId)).limit(1);
    if (open) {
      const detail = `Collector ${collector.name} has the scan ${open.id} open. Wait for its end, or cancel it.`;
      throw new HubError("conflict", detail, { scanId: open.id });
    }
    const nowMs = ctx.clock.nowMs();
    const [made] = await tx
      .insert(discoveryScans)
      .values({
        siteId: collector.siteId,
        collectorId,
        ranges,
        requestedBy: userIdOf(ctx.actor),
        createdAt: new Date(nowMs),
        expiresAt: new Date(nowMs + SILENCE_MAX_MS),
      })
      .returning({ id: discoveryScans.id });
    if (!made) throw new Error(`no row came back for a scan of collector ${collectorId}`);
    const entry = { entity: "scan", entityId: made.id, details: { collectorId, ranges } };
    await recordAudit(tx, ctx, { ...entry, action: "discovery.scan-requested" });
    await publish(tx, { topic: "collector", key: collectorId, payload: { scan: made.id, status: "requested" } });
    return made.id;
  });
  sendScan(links, { id: scanId, collectorId, ranges });
  return getScan(ctx, { scanId });
}

function requireRanges(ranges: readonly string[]): void {
  if (ranges.length === 0 || ranges.length > RANGES_MAX)
    throw new HubError("bad-request", `${ranges.length} ranges were given; 1 to ${RANGES_MAX} are possible.`);
  const bad = ranges.find((range) => !RANGE.test(range));
  if (bad === undefined) return;
  const shown = bad.slice(0, 80);
  throw new HubError("bad-request", `"${shown}" is no range: write 192.0.2.0/24, 192.0.2.1-192.0.2.9, or one address.`);
}

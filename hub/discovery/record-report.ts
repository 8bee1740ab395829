import type { Transaction } from "@watchpost/db";
import { deviceProposals, discoveryLinks, discoveryScans } from "@watchpost/db/schema";
import { type ScanEnd, type ScanReport, ScanState } from "@watchpost/proto";
import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { boundedText } from "../bounded-text.ts";
import { publish } from "../bus/index.ts";
import type { Hub } from "../hub.ts";
import { isUuid } from "../automation/uuid.ts";
import type { LinkSource } from "../link/index.ts";
import { OPEN_STATUSES } from "./open-scan.ts";
import { parseLink, parseProposal, type ProposedDevice } from "./parse-report.ts";
import { totalsOf } from "./record-progress.ts";
import type { ScanStatus } from "./view.ts";

const DEVICES_MAX = 50;
const LINKS_MAX = 500;
const PART_MAX = 10_000;
const REASON_LENGTH_MAX = 1_000;
const SCANS_WITH_LINKS_MAX = 20;

type ScanRow = typeof discoveryScans.$inferSelect;

/**
 * Takes one part of a scan's result. What comes again writes the same rows; what a person decided stays, unless the scan
 * is newer than an acceptance and the device is not configured after all.
 */
export async function recordScanReport(hub: Hub, source: LinkSource, report: ScanReport): Promise<void> {
  const { scanId, part } = report;
  const refused = await hub.db.transaction(async (tx) => {
    const scan = isUuid(scanId) ? await lockScan(tx, source, scanId) : undefined;
    if (!scan || part > PART_MAX) return [`part ${part} of a scan that this hub did not ask for`];
    const parsed = report.devices.slice(0, DEVICES_MAX).map(parseProposal);
    const devices = parsed.flatMap((p) => (p.kind === "device" ? [p.device] : []));
    await saveProposals(tx, scan, devices, new Date(hub.clock.nowMs()));
    const links = report.links
      .slice(0, LINKS_MAX)
      .map((link, number) => ({ scanId, part, number, ...parseLink(link) }));
    if (links.length > 0) await tx.insert(discoveryLinks).values(links).onConflictDoNothing();
    if (report.end) await endScan(tx, hub, { scan, end: report.end });
    const status = report.end ? statusOf(report.end.state) : scan.status;
    const payload = { site: source.site, scan: scanId, status, devices: devices.length };
    await publish(tx, { topic: "collector", key: source.collectorId, payload });
    return parsed.flatMap((p) => (p.kind === "refused" ? [p.reason] : []));
  });
  if (refused.length > 0)
    hub.log.warn({ ...source, scanId: boundedText(scanId, 40), refused: refused.slice(0, 10) }, "discovery: left out");
}

async function lockScan(tx: Transaction, source: LinkSource, scanId: string): Promise<ScanRow | undefined> {
  const [scan] = await tx
    .select()
    .from(discoveryScans)
    .where(and(eq(discoveryScans.id, scanId), eq(discoveryScans.collectorId, source.collectorId)))
    .for("update");
  return scan;
}

async function saveProposals(tx: Transaction, scan: ScanRow, devices: ProposedDevice[], now: Date): Promise<void> {
  const distinct = [...new Map(devices.map((device) => [device.identity, device])).values()];
  if (distinct.length === 0) return;
  const { siteId, collectorId } = scan;
  const rows = distinct
    .toSorted((a, b) => (a.identity < b.identity ? -1 : 1))
    .map(({ configuredAs, ...device }) => ({
      ...device,
      siteId,
      collectorId,
      scanId: scan.id,
      status: configuredAs === "" ? "pending" : "known",
      deviceName: configuredAs,
      firstSeenAt: now,
      lastSeenAt: now,
    }));
  const isDecided = sql`(${deviceProposals.status} = 'rejected' or (${deviceProposals.status} = 'accepted'
    and (excluded.status = 'known' or ${deviceProposals.decidedAt} >= ${scan.createdAt.toISOString()}::timestamptz)))`;
  const unlessDecided = (column: "status" | "device_name") =>
    sql`case when ${isDecided} then ${deviceProposals[column === "status" ? "status" : "deviceName"]} else ${sql.raw(`excluded.${column}`)} end`;
  await tx
    .insert(deviceProposals)
    .values(rows)
    .onConflictDoUpdate({
      target: [deviceProposals.collectorId, deviceProposals.identity],
      set: {
        scanId: sql`excluded.scan_id`,
        address: sql`excluded.address`,
        port: sql`excluded.port`,
        credential: sql`excluded.credential`,
        facts: sql`excluded.facts`,
        lastSeenAt: sql`excluded.last_seen_at`,
        status: unlessDecided("status"),
        deviceName: unlessDecided("device_name"),
      },
    });
}

async function endScan(tx: Transaction, hub: Hub, { scan, end }: { scan: ScanRow; end: ScanEnd }): Promise<void> {
  const totals = end.totals ? totalsOf(end.totals) : {};
  await tx
    .update(discoveryScans)
    .set({
      ...totals,
      status: statusOf(end.state),
      reason: boundedText(end.reason, REASON_LENGTH_MAX),
      finishedAt: new Date(hub.clock.nowMs()),
    })
    .where(and(eq(discoveryScans.id, scan.id), inArray(discoveryScans.status, OPEN_STATUSES)));
  const [oldest] = await tx
    .select({ id: discoveryScans.id })
    .from(discoveryScans)
    .where(eq(discoveryScans.collectorId, scan.collectorId))
    .orderBy(desc(discoveryScans.id))
    .offset(SCANS_WITH_LINKS_MAX - 1)
    .limit(1);
  if (!oldest) return;
  const before = tx
    .select({ id: discoveryScans.id })
    .from(discoveryScans)
    .where(and(eq(discoveryScans.collectorId, scan.collectorId), lt(discoveryScans.id, oldest.id)));
  await tx.delete(discoveryLinks).where(inArray(discoveryLinks.scanId, before));
}

function statusOf(state: ScanState): ScanStatus {
  switch (state) {
    case ScanState.FINISHED:
      return "finished";
    case ScanState.CANCELLED:
      return "cancelled";
    case ScanState.REFUSED:
      return "refused";
    case ScanState.RUNNING:
      return "running";
    case ScanState.FAILED:
    case ScanState.UNSPECIFIED:
      return "failed";
  }
  return "failed";
}

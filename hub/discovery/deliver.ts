import { create } from "@bufbuild/protobuf";
import { discoveryScans } from "@watchpost/db/schema";
import { CancelScanSchema, DownlinkSchema, ScanOrderSchema } from "@watchpost/proto";
import { and, asc, gt, inArray, or } from "drizzle-orm";
import type { Clock } from "../context.ts";
import type { Hub } from "../hub.ts";
import type { LinkRegistry } from "../link/index.ts";
import { openScansOf, SILENCE_MAX_MS } from "./open-scan.ts";

const SCANS_MAX = 10;

/** Sending twice is harmless: the collector knows the scan by its id. */
export function sendScan(links: LinkRegistry, scan: { id: string; collectorId: string; ranges: string[] }): boolean {
  const value = create(ScanOrderSchema, { scanId: scan.id, ranges: scan.ranges });
  return links.send(scan.collectorId, create(DownlinkSchema, { message: { case: "runScan", value } }));
}

export function sendCancel(links: LinkRegistry, scan: { id: string; collectorId: string }): boolean {
  const value = create(CancelScanSchema, { scanId: scan.id });
  return links.send(scan.collectorId, create(DownlinkSchema, { message: { case: "cancelScan", value } }));
}

/** What the link calls when a collector's stream is up: a collector that was started anew begins its scan anew. */
export async function sendOpenScans(hub: Hub, links: LinkRegistry, collectorId: string): Promise<void> {
  const open = await hub.db
    .select()
    .from(discoveryScans)
    .where(toldOnConnect(hub.clock, collectorId))
    .orderBy(asc(discoveryScans.id))
    .limit(SCANS_MAX);
  for (const scan of open) {
    if (scan.cancelAskedAt === null) sendScan(links, scan);
    else sendCancel(links, scan);
  }
}

/** Which of these collectors have something to be told: one statement, however many connect in one moment. */
export async function collectorsWithScans(hub: Hub, collectorIds: readonly string[]): Promise<string[]> {
  const rows = await hub.db
    .selectDistinct({ id: discoveryScans.collectorId })
    .from(discoveryScans)
    .where(toldOnConnect(hub.clock, ...collectorIds));
  return rows.map(({ id }) => id);
}

function toldOnConnect(clock: Clock, ...collectorIds: string[]) {
  const cancelledWhileAway = and(
    inArray(discoveryScans.collectorId, collectorIds),
    gt(discoveryScans.cancelAskedAt, new Date(clock.nowMs() - SILENCE_MAX_MS)),
  );
  return or(openScansOf(clock, ...collectorIds), cancelledWhileAway);
}

import { discoveryScans } from "@watchpost/db/schema";
import { and, gt, inArray } from "drizzle-orm";
import type { Clock } from "../context.ts";

/** A scan without a word from its collector for this long is over. */
export const SILENCE_MAX_MS = 3_600_000;

export const OPEN_STATUSES = ["requested", "running"];

/** Scans of these collectors that may still bring something. */
export function openScansOf(clock: Clock, ...collectorIds: string[]) {
  return and(
    inArray(discoveryScans.collectorId, collectorIds),
    inArray(discoveryScans.status, OPEN_STATUSES),
    gt(discoveryScans.expiresAt, new Date(clock.nowMs())),
  );
}

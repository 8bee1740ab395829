import { collectors } from "@watchpost/db/schema";
import type { Heartbeat } from "@watchpost/proto";
import { eq } from "drizzle-orm";
import type { Hub } from "../hub.ts";

export const HEARTBEAT_INTERVAL_MS = 10_000;
const STORE_EVERY_MS = 15_000;
/** A longer way round means that a clock was set meanwhile. */
const ROUND_TRIP_MAX_MS = 60_000;

/** Site clock minus hub clock, taking half the way round for the way here; undefined when the sample is no good. */
export function clockOffsetMs(beat: Heartbeat, nowMs: number): number | undefined {
  if (beat.echoClockMs === 0n) return undefined;
  const roundTripMs = nowMs - Number(beat.echoClockMs) - beat.echoAgeMs;
  if (roundTripMs < 0 || roundTripMs > ROUND_TRIP_MAX_MS) return undefined;
  return Math.round(Number(beat.clockMs) + roundTripMs / 2 - nowMs);
}

/** Stores what heartbeats say, at most every 15 s; one per stream. */
export function heartbeatStore(hub: Hub, collectorId: string): (beat: Heartbeat) => Promise<void> {
  let storedAtMs = Number.NEGATIVE_INFINITY;
  let offsetStored = false;
  return async (beat) => {
    const nowMs = hub.clock.nowMs();
    const offset = clockOffsetMs(beat, nowMs);
    const isFirstOffset = offset !== undefined && !offsetStored;
    if (Math.abs(nowMs - storedAtMs) < STORE_EVERY_MS && !isFirstOffset) return;
    await hub.db
      .update(collectors)
      .set({
        lastSeenAt: new Date(nowMs),
        ...(offset === undefined ? {} : { clockOffsetMs: offset }),
        samplesPending: boundedCount(beat.samplesPending),
        eventsPending: boundedCount(beat.eventsPending),
      })
      .where(eq(collectors.id, collectorId));
    storedAtMs = nowMs;
    offsetStored ||= offset !== undefined;
  };
}

function boundedCount(count: bigint): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
}

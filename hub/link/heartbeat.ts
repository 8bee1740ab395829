import type { Heartbeat } from "@watchpost/proto";
import { sql } from "drizzle-orm";
import type { Hub } from "../hub.ts";
import { Gather } from "../gather.ts";

export const HEARTBEAT_INTERVAL_MS = 10_000;
const STORE_EVERY_MS = 15_000;
const COLLECTORS_A_ROUND_MAX = 250;
/** A longer way round means that a clock was set meanwhile. */
const ROUND_TRIP_MAX_MS = 60_000;

/** Site clock minus hub clock, taking half the way round for the way here; undefined when the sample is no good. */
export function clockOffsetMs(beat: Heartbeat, nowMs: number): number | undefined {
  if (beat.echoClockMs === 0n) return undefined;
  const roundTripMs = nowMs - Number(beat.echoClockMs) - beat.echoAgeMs;
  if (roundTripMs < 0 || roundTripMs > ROUND_TRIP_MAX_MS) return undefined;
  return Math.round(Number(beat.clockMs) + roundTripMs / 2 - nowMs);
}

interface Beat {
  seenAtMs: number;
  offsetMs: number | null;
  samples: number;
  events: number;
}

/** What one stream does with its heartbeats: each is stored at most every 15 s, those of all streams together. */
export type BeatStore = (collectorId: string) => (beat: Heartbeat) => Promise<void>;

export function heartbeatStore(hub: Hub): BeatStore {
  const gather = new Gather<Beat, never>(COLLECTORS_A_ROUND_MAX, async (beats) => {
    await storeBeats(hub, beats);
    return new Map<string, never>();
  });
  return (collectorId) => {
    let storedAtMs = Number.NEGATIVE_INFINITY;
    let offsetStored = false;
    return async (beat) => {
      const nowMs = hub.clock.nowMs();
      const offset = clockOffsetMs(beat, nowMs);
      const isFirstOffset = offset !== undefined && !offsetStored;
      if (Math.abs(nowMs - storedAtMs) < STORE_EVERY_MS && !isFirstOffset) return;
      await gather.add(collectorId, {
        seenAtMs: nowMs,
        offsetMs: offset ?? null,
        samples: boundedCount(beat.samplesPending),
        events: boundedCount(beat.eventsPending),
      });
      storedAtMs = nowMs;
      offsetStored ||= offset !== undefined;
    };
  };
}

/** Rows are locked in the order of their ids, as in collector-status.ts: no two rounds wait for each other. */
async function storeBeats(hub: Hub, beats: ReadonlyMap<string, Beat>): Promise<void> {
  const rows = JSON.stringify([...beats].map(([id, beat]) => ({ id, ...beat })));
  await hub.db.execute(sql`
    with beat as (
      select * from json_to_recordset(${rows}::text::json)
        as row (id uuid, "seenAtMs" float8, "offsetMs" bigint, samples bigint, events bigint)
    ), held as (
      select id from control_plane.collectors where id in (select id from beat) order by id for update
    )
    update control_plane.collectors c set last_seen_at = to_timestamp(beat."seenAtMs" / 1000),
      clock_offset_ms = coalesce(beat."offsetMs", c.clock_offset_ms), samples_pending = beat.samples,
      events_pending = beat.events
    from beat join held using (id) where c.id = held.id`);
}

function boundedCount(count: bigint): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
}

import type { Database } from "bun:sqlite";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Event, EventKind, EventSchema, EventState, Severity } from "@watchpost/proto";

/** Higher than any event's own: what stands in for a lost event is never replaced again. */
const STAND_IN_RANK = 9;
/** What SQLite and the row itself cost beside the data. */
export const ROW_BYTES = 48;
const ROWS_A_STEP = 256;

interface Candidate {
  seq: number;
  rank: number;
  bytes: number;
  data: Uint8Array;
}

/**
 * Replaces the oldest of the least severe events by short gap events at the same numbers until `bytes` is at most
 * `target` or nothing is left to replace. Returns the bytes then used and how many events were given up.
 */
export function giveUp(db: Database, budget: { bytes: number; target: number }): { bytes: number; events: number } {
  const candidates = db.query<Candidate, [number, number]>(
    "select seq, rank, bytes, data from event where rank < ? order by rank, seq limit ?",
  );
  const replace = db.query("update event set rank = ?, bytes = ?, crc = ?, data = ? where seq = ?");
  let { bytes } = budget;
  let events = 0;
  let rows = bytes > budget.target ? candidates.all(STAND_IN_RANK, ROWS_A_STEP) : [];
  while (rows.length > 0) {
    for (const row of rows) {
      if (bytes <= budget.target) return { bytes, events };
      const data = standIn(row.data, "the outbox was full");
      replace.run(STAND_IN_RANK, data.length + ROW_BYTES, Bun.hash.crc32(data), data, row.seq);
      bytes += data.length + ROW_BYTES - row.bytes;
      events += 1;
    }
    rows = bytes > budget.target ? candidates.all(STAND_IN_RANK, ROWS_A_STEP) : [];
  }
  return { bytes, events };
}

/** A gap event in the place of one that is lost, with what is still known of it. */
export function standIn(lost: Uint8Array, reason: string): Uint8Array {
  const event = readable(lost);
  const gap = create(EventSchema, {
    kind: EventKind.GAP,
    state: EventState.MOMENT,
    severity: Severity.WARNING,
    fingerprint: "gap//outbox",
    observedAtMs: event?.observedAtMs ?? 0n,
    summary: `An event was given up: ${reason}.`,
    attributes: { events: "1", reason, ...(event ? { kind: EventKind[event.kind] } : {}) },
  });
  return toBinary(EventSchema, gap);
}

function readable(bytes: Uint8Array): Event | undefined {
  try {
    return fromBinary(EventSchema, bytes);
  } catch {
    // Damaged bytes are exactly what this is for: nothing of the event is known then.
    return undefined;
  }
}

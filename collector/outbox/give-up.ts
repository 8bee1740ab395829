import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Event, EventKind, EventSchema, EventState, Severity } from "@watchpost/proto";
import type { EventLog } from "./event-log.ts";
import type { EventRecord, EventSegment } from "./segment.ts";

/** Higher than any event's own: what stands in for a lost event is never replaced again. */
const STAND_IN_RANK = 9;
/** About what one costs; how much room it makes is counted when it is written. */
const STAND_IN_BYTES = 170;

/**
 * Replaces the oldest of the least severe events by short gap events at the same numbers until `bytes` are free or
 * nothing is left to replace. Gives how many events were given up.
 */
export function giveUp(log: EventLog, bytes: number): number {
  const chosen = new Map<EventSegment, Set<number>>();
  let saved = 0;
  for (let rank = 0; rank < STAND_IN_RANK && saved < bytes; rank += 1) {
    for (const segment of log.segments) {
      for (let at = Math.max(0, log.acked + 1 - segment.first); at < segment.ranks.length && saved < bytes; at += 1) {
        const size = segment.sizes[at] as number;
        if (segment.ranks[at] !== rank || size <= STAND_IN_BYTES) continue;
        saved += size - STAND_IN_BYTES;
        const seqs = chosen.get(segment) ?? new Set();
        chosen.set(segment, seqs.add(segment.first + at));
      }
    }
  }
  let events = 0;
  for (const [segment, seqs] of chosen) {
    log.replace(segment, withStandIns(log, segment, seqs));
    events += seqs.size;
  }
  return events;
}

function* withStandIns(log: EventLog, segment: EventSegment, seqs: ReadonlySet<number>): Generator<EventRecord> {
  for (let seq = segment.first; seq < segment.next; seq += 1) {
    const data = log.read(seq, seq + 1)[0]?.data;
    if (data && !seqs.has(seq)) yield { seq, rank: segment.ranks[seq - segment.first] as number, data };
    else yield standInAt(seq, data, data ? "the outbox was full" : DAMAGED);
  }
}

export const DAMAGED = "its bytes on disk were damaged";

export function standInAt(seq: number, lost: Uint8Array | undefined, reason: string): EventRecord {
  return { seq, rank: STAND_IN_RANK, data: standIn(lost, reason) };
}

/** A gap event in the place of one that is lost, with what is still known of it. */
export function standIn(lost: Uint8Array | undefined, reason: string): Uint8Array {
  const event: Event | undefined = lost && fromBinary(EventSchema, lost);
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

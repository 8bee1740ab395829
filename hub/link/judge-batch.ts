import type { Event } from "@watchpost/proto";

const BATCH_EVENTS_MAX = 1_000;

export type Judged =
  /** To be stored, in this order, together with the cursor at `ackedSeq`. */
  | { kind: "fresh"; events: readonly Event[]; repeated: number; ackedSeq: number }
  /** Nothing new: only to be acknowledged. */
  | { kind: "repeated"; repeated: number; ackedSeq: number }
  | { kind: "hole"; expectedSeq: number; gotSeq: bigint }
  | { kind: "refused"; reason: string };

/**
 * The rule of the link: what a batch means to a cursor that stands at `ackedSeq`. Whoever stores `events` and moves the
 * cursor in one transaction stores every event once, in order, whatever the network repeats, loses or delays.
 */
export function judgeBatch(ackedSeq: number, events: readonly Event[]): Judged {
  const refusal = refusalOf(events);
  if (refusal) return { kind: "refused", reason: refusal };
  const fresh = events.filter((event) => event.seq > BigInt(ackedSeq));
  const repeated = events.length - fresh.length;
  const [first] = fresh;
  if (!first) return { kind: "repeated", repeated, ackedSeq };
  if (first.seq !== BigInt(ackedSeq) + 1n) return { kind: "hole", expectedSeq: ackedSeq + 1, gotSeq: first.seq };
  return { kind: "fresh", events: fresh, repeated, ackedSeq: ackedSeq + fresh.length };
}

function refusalOf(events: readonly Event[]): string | undefined {
  const [first] = events;
  if (!first || events.length > BATCH_EVENTS_MAX) {
    return `a batch holds 1 to ${BATCH_EVENTS_MAX} events, not ${events.length}`;
  }
  const last = first.seq + BigInt(events.length - 1);
  if (first.seq < 1n || last > BigInt(Number.MAX_SAFE_INTEGER)) return `seq ${first.seq} to ${last} is out of range`;
  const broken = events.findIndex((event, i) => event.seq !== first.seq + BigInt(i));
  if (broken === -1) return undefined;
  return `event ${broken} of the batch has seq ${events[broken]?.seq} where ${first.seq + BigInt(broken)} is due`;
}

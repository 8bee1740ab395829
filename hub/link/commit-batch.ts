import { collectorStreams } from "@watchpost/db/schema";
import type { Event } from "@watchpost/proto";
import { and, eq } from "drizzle-orm";
import { contextFor, type Hub } from "../hub.ts";
import type { EventSource, LinkHandlers } from "./handlers.ts";

export const BATCH_EVENTS_MAX = 1_000;

export type Committed =
  | { kind: "committed"; ackedSeq: number; stored: number; repeated: number }
  | { kind: "hole"; expectedSeq: number; gotSeq: bigint }
  | { kind: "refused"; reason: string };

/**
 * Takes a batch once: in one transaction it locks the outbox's cursor, drops what is committed already, hands the
 * rest on and moves the cursor. What it returned as committed is on disk.
 */
export async function commitBatch(
  hub: Hub,
  source: EventSource,
  events: readonly Event[],
  ingestEvents: LinkHandlers["ingestEvents"],
): Promise<Committed> {
  const refusal = refusalOf(events);
  if (refusal) return { kind: "refused", reason: refusal };
  const ctx = contextFor(hub, { kind: "collector", ...source });
  const cursor = and(
    eq(collectorStreams.collectorId, source.collectorId),
    eq(collectorStreams.outboxEpoch, source.outboxEpoch),
  );
  return hub.db.transaction(async (tx): Promise<Committed> => {
    const [row] = await tx.select().from(collectorStreams).where(cursor).for("update");
    if (!row) throw new Error(`no cursor for outbox ${source.outboxEpoch} of collector ${source.collectorId}`);
    const fresh = events.filter((event) => event.seq > BigInt(row.ackedSeq));
    const repeated = events.length - fresh.length;
    const [first] = fresh;
    if (!first) return { kind: "committed", ackedSeq: row.ackedSeq, stored: 0, repeated };
    if (first.seq !== BigInt(row.ackedSeq) + 1n) {
      return { kind: "hole", expectedSeq: row.ackedSeq + 1, gotSeq: first.seq };
    }
    const ackedSeq = row.ackedSeq + fresh.length;
    await tx.update(collectorStreams).set({ ackedSeq }).where(cursor);
    await ingestEvents(tx, ctx, source, fresh);
    return { kind: "committed", ackedSeq, stored: fresh.length, repeated };
  });
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

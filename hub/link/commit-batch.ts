import { collectorStreams } from "@watchpost/db/schema";
import type { Event } from "@watchpost/proto";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { contextFor, type Hub } from "../hub.ts";
import type { EventSource, LinkHandlers } from "./handlers.ts";
import { type Judged, judgeBatch } from "./judge-batch.ts";

/** The cursor moves under a batch only when another stream of the same collector takes over. */
const TRIES_MAX = 3;

export type Committed =
  | { kind: "committed"; ackedSeq: number; stored: number; repeated: number }
  | Extract<Judged, { kind: "hole" | "refused" }>;

export interface Batch {
  events: readonly Event[];
  /** Where the outbox's cursor stood when this stream last saw it. */
  ackedSeq: number;
}

/**
 * Takes a batch once: what the cursor says is committed already is dropped, the rest is stored in the one transaction
 * that moves the cursor from where it was believed to be. When it stands elsewhere nothing is stored, and the batch is
 * judged again by where it stands. What it returned as committed is on disk.
 */
export async function commitBatch(
  hub: Hub,
  source: EventSource,
  batch: Batch,
  ingestEvents: LinkHandlers["ingestEvents"],
): Promise<Committed> {
  const ctx = contextFor(hub, { kind: "collector", ...source });
  let { ackedSeq } = batch;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const judged = judgeBatch(ackedSeq, batch.events);
    switch (judged.kind) {
      case "hole":
      case "refused":
        return judged;
      case "repeated":
        return { kind: "committed", ackedSeq: judged.ackedSeq, stored: 0, repeated: judged.repeated };
      case "fresh": {
        const { events, repeated } = judged;
        const once = moveCursor(source, { from: ackedSeq, to: judged.ackedSeq });
        if (await ingestEvents(ctx, source, events, once)) {
          return { kind: "committed", ackedSeq: judged.ackedSeq, stored: events.length, repeated };
        }
      }
    }
    ackedSeq = await readCursor(hub, source);
  }
  throw new Error(`the cursor of outbox ${source.outboxEpoch} moved ${TRIES_MAX} times under one batch`);
}

function moveCursor({ collectorId, outboxEpoch }: EventSource, { from, to }: { from: number; to: number }): SQL {
  return sql`update control_plane.collector_streams set acked_seq = ${to}
    where collector_id = ${collectorId} and outbox_epoch = ${outboxEpoch} and acked_seq = ${from} returning 1`;
}

async function readCursor(hub: Hub, { collectorId, outboxEpoch }: EventSource): Promise<number> {
  const [row] = await hub.db
    .select({ ackedSeq: collectorStreams.ackedSeq })
    .from(collectorStreams)
    .where(and(eq(collectorStreams.collectorId, collectorId), eq(collectorStreams.outboxEpoch, outboxEpoch)));
  if (!row) throw new Error(`no cursor for outbox ${outboxEpoch} of collector ${collectorId}`);
  return row.ackedSeq;
}

import { collectorStreams } from "@watchpost/db/schema";
import type { Event } from "@watchpost/proto";
import { and, eq } from "drizzle-orm";
import { contextFor, type Hub } from "../hub.ts";
import type { EventSource, LinkHandlers } from "./handlers.ts";
import { type Judged, judgeBatch } from "./judge-batch.ts";

export type Committed =
  | { kind: "committed"; ackedSeq: number; stored: number; repeated: number }
  | Extract<Judged, { kind: "hole" | "refused" }>;

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
  const ctx = contextFor(hub, { kind: "collector", ...source });
  const cursor = and(
    eq(collectorStreams.collectorId, source.collectorId),
    eq(collectorStreams.outboxEpoch, source.outboxEpoch),
  );
  return hub.db.transaction(async (tx): Promise<Committed> => {
    const [row] = await tx.select().from(collectorStreams).where(cursor).for("update");
    if (!row) throw new Error(`no cursor for outbox ${source.outboxEpoch} of collector ${source.collectorId}`);
    const judged = judgeBatch(row.ackedSeq, events);
    switch (judged.kind) {
      case "hole":
      case "refused":
        return judged;
      case "repeated":
        return { kind: "committed", ackedSeq: judged.ackedSeq, stored: 0, repeated: judged.repeated };
      case "fresh":
        await tx.update(collectorStreams).set({ ackedSeq: judged.ackedSeq }).where(cursor);
        await ingestEvents(tx, ctx, source, judged.events);
        return {
          kind: "committed",
          ackedSeq: judged.ackedSeq,
          stored: judged.events.length,
          repeated: judged.repeated,
        };
    }
  });
}

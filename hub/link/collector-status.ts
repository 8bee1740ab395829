import { collectors } from "@watchpost/db/schema";
import { and, eq, lt, or, isNull, inArray } from "drizzle-orm";
import { publish } from "../bus/index.ts";
import type { Hub } from "../hub.ts";
import type { LinkSource } from "./handlers.ts";

/** A streaming collector is heard at least this often; one that another hub lost is told apart by it. */
export const STALE_AFTER_MS = 90_000;

/** Writes whether the collector streams, as `isConnected` says once its row is locked: the last word is the truth. */
export async function recordStatus(hub: Hub, source: LinkSource, isConnected: () => boolean): Promise<void> {
  await hub.db.transaction(async (tx) => {
    const [row] = await tx
      .select({ status: collectors.status, name: collectors.name })
      .from(collectors)
      .where(eq(collectors.id, source.collectorId))
      .for("update");
    const status = isConnected() ? "streaming" : "disconnected";
    if (!row || row.status === status || row.status === "revoked") return;
    const lastSeenAt = new Date(hub.clock.nowMs());
    await tx.update(collectors).set({ status, lastSeenAt }).where(eq(collectors.id, source.collectorId));
    await publish(tx, {
      topic: "collector",
      key: source.collectorId,
      payload: { site: source.site, collector: row.name, status },
    });
  });
}

/** Marks collectors that claim to stream elsewhere and were not heard of for 90 s: their hub ended without a word. */
export async function sweepStale(hub: Hub, isConnectedHere: (collectorId: string) => boolean): Promise<number> {
  const before = new Date(hub.clock.nowMs() - STALE_AFTER_MS);
  return hub.db.transaction(async (tx) => {
    const silent = await tx
      .select({ id: collectors.id, name: collectors.name })
      .from(collectors)
      .where(
        and(eq(collectors.status, "streaming"), or(isNull(collectors.lastSeenAt), lt(collectors.lastSeenAt, before))),
      )
      .for("update", { skipLocked: true });
    const stale = silent.filter(({ id }) => !isConnectedHere(id));
    if (stale.length === 0) return 0;
    await tx
      .update(collectors)
      .set({ status: "disconnected" })
      .where(
        inArray(
          collectors.id,
          stale.map((s) => s.id),
        ),
      );
    await publish(
      tx,
      ...stale.map(({ id, name }) => ({
        topic: "collector" as const,
        key: id,
        payload: { collector: name, status: "disconnected" },
      })),
    );
    return stale.length;
  });
}

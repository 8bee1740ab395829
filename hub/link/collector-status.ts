import { collectors } from "@watchpost/db/schema";
import { and, eq, inArray, isNull, lt, or } from "drizzle-orm";
import { publish } from "../bus/index.ts";
import type { Hub } from "../hub.ts";
import { Gather } from "../gather.ts";
import type { LinkSource } from "./handlers.ts";

/** A streaming collector is heard at least this often; one that another hub lost is told apart by it. */
export const STALE_AFTER_MS = 90_000;
const COLLECTORS_A_ROUND_MAX = 250;

/**
 * Writes whether collectors stream, as `isConnected` says once their rows are locked: the last word is the truth. Rows
 * are locked in the order of their ids, here and in heartbeat.ts, so that no two rounds wait for each other.
 */
export function statusRecorder(
  hub: Hub,
  isConnected: (id: string) => boolean,
): (source: LinkSource) => Promise<unknown> {
  const gather = new Gather<LinkSource, never>(COLLECTORS_A_ROUND_MAX, async (sources) => {
    await recordStatus(hub, sources, isConnected);
    return new Map<string, never>();
  });
  return (source) => gather.add(source.collectorId, source);
}

async function recordStatus(
  hub: Hub,
  sources: ReadonlyMap<string, LinkSource>,
  isConnected: (id: string) => boolean,
): Promise<void> {
  await hub.db.transaction(async (tx) => {
    const rows = await tx
      .select({ id: collectors.id, status: collectors.status, name: collectors.name })
      .from(collectors)
      .where(inArray(collectors.id, [...sources.keys()]))
      .orderBy(collectors.id)
      .for("update");
    const changed = rows.flatMap(({ id, name, ...before }) => {
      const status = isConnected(id) ? "streaming" : "disconnected";
      return before.status === status || before.status === "revoked" ? [] : [{ id, name, status }];
    });
    const lastSeenAt = new Date(hub.clock.nowMs());
    for (const [status, ofStatus] of Map.groupBy(changed, (row) => row.status)) {
      const ids = ofStatus.map(({ id }) => id);
      await tx.update(collectors).set({ status, lastSeenAt }).where(inArray(collectors.id, ids));
    }
    await publish(
      tx,
      ...changed.map(({ id, name, status }) => ({
        topic: "collector" as const,
        key: id,
        payload: { site: sources.get(id)?.site, collector: name, status },
      })),
    );
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

import type { Transaction } from "@watchpost/db";
import { links } from "@watchpost/db/schema";
import { inArray, sql } from "drizzle-orm";
import { type NeighbourReport, neighbourKey } from "./parse-report.ts";

const ROWS_A_STATEMENT = 1_000;

/** Makes the link rows of the given devices equal to their neighbour tables. True when any row was added. */
export async function recordNeighbours(
  tx: Transaction,
  siteId: string,
  listed: Map<string, NeighbourReport[]>,
): Promise<boolean> {
  const rows = await tx
    .select()
    .from(links)
    .where(inArray(links.deviceId, [...listed.keys()]));
  const known = new Map(rows.map((row) => [row.deviceId + neighbourKey(row), row]));

  const added: (typeof links.$inferInsert)[] = [];
  for (const [deviceId, list] of listed) {
    for (const now of list) {
      const key = deviceId + neighbourKey(now);
      const before = known.get(key);
      known.delete(key);
      if (before?.protocol !== now.protocol) added.push({ ...now, deviceId, siteId });
    }
  }
  for (let from = 0; from < added.length; from += ROWS_A_STATEMENT) {
    await tx
      .insert(links)
      .values(added.slice(from, from + ROWS_A_STATEMENT))
      .onConflictDoUpdate({
        target: [links.deviceId, links.localPort, links.remoteSystem, links.remotePort],
        set: { protocol: sql`excluded.protocol` },
      });
  }
  const gone = [...known.values()].map((row) => row.id);
  if (gone.length > 0) await tx.delete(links).where(inArray(links.id, gone));
  return added.length > 0;
}

import type { Database } from "@watchpost/db";
import { collectors } from "@watchpost/db/schema";
import { and, asc, eq, isNotNull } from "drizzle-orm";

export interface UnheardCollector {
  name: string;
  /** What it told of its devices is as of then. */
  lastSeenAt: Date;
}

/** Collectors of a site that worked once and do not stream now. */
export async function unheardCollectors(db: Database, siteId: string): Promise<UnheardCollector[]> {
  const rows = await db
    .select({ name: collectors.name, lastSeenAt: collectors.lastSeenAt })
    .from(collectors)
    .where(and(eq(collectors.siteId, siteId), eq(collectors.status, "disconnected"), isNotNull(collectors.lastSeenAt)))
    .orderBy(asc(collectors.name))
    .prepare("unheard_collectors")
    .execute();
  return rows.flatMap(({ name, lastSeenAt }) => (lastSeenAt ? [{ name, lastSeenAt }] : []));
}

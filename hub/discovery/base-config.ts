import type { Transaction } from "@watchpost/db";
import { collectorConfigs, collectorSiteConfigs } from "@watchpost/db/schema";
import { and, desc, eq, gt } from "drizzle-orm";
import { HubError } from "../error.ts";

/**
 * What a collector runs, or will once it has answered: the newest push it has not answered, else the newest it applied
 * since it connected, else what it said then.
 */
export async function baseConfig(tx: Transaction, collectorId: string): Promise<string> {
  const [told] = await tx.select().from(collectorSiteConfigs).where(eq(collectorSiteConfigs.collectorId, collectorId));
  const pushes = (state?: string) =>
    tx
      .select()
      .from(collectorConfigs)
      .where(
        and(
          eq(collectorConfigs.collectorId, collectorId),
          gt(collectorConfigs.version, told?.version ?? 0),
          state === undefined ? undefined : eq(collectorConfigs.state, state),
        ),
      )
      .orderBy(desc(collectorConfigs.version))
      .limit(1);
  const [newest] = await pushes();
  if (newest?.state === "pushed") return newest.yaml;
  const [applied] = await pushes("applied");
  const base = applied?.yaml ?? told?.yaml;
  if (base !== undefined) return base;
  throw new HubError(
    "conflict",
    `What collector ${collectorId} runs is not known here, so nothing can be added to it. Let it connect with discover.allow set, or push its whole configuration once.`,
  );
}

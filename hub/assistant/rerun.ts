import { evidence } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import type { Hub } from "../hub.ts";
import { requirePermission } from "../identity/permission.ts";
import type { EvidenceRow } from "../incident/index.ts";
import { type Observation, prepareCall } from "./tool/index.ts";

const scoped = z.looseObject({
  scope: z.object({ siteId: z.string().nullable(), site: z.string(), aboutMs: z.number(), nowMs: z.number() }),
});

export interface Rerun {
  /** What was seen when the analysis ran. */
  evidence: EvidenceRow;
  /** What the very same question says now. */
  now: Pick<Observation, "query" | "finding" | "severity" | "result"> & { durationMs: number };
}

/** Asks the question behind an evidence row again: same tool, same arguments, same time span. */
export async function rerunEvidence(ctx: Context, hub: Pick<Hub, "metrics">, id: string): Promise<Rerun> {
  requirePermission(ctx, "analysis:read");
  if (!z.uuid().safeParse(id).success) throw noEvidence(id);
  const [row] = await ctx.db.select().from(evidence).where(eq(evidence.id, id));
  if (!row) throw noEvidence(id);
  const { scope } = scoped.parse(row.queryArguments);
  const prepared = prepareCall(row.tool, row.queryArguments);
  if (prepared.kind === "refused") throw new Error(`evidence ${id} cannot be asked again: ${prepared.message}`);
  const startedMs = performance.now();
  const { query, finding, severity, result } = await prepared.call.run(
    { db: ctx.db, clock: ctx.clock, metrics: hub.metrics },
    scope,
  );
  const { incidentId: _incidentId, ...shown } = row;
  return {
    evidence: shown,
    now: { query, finding, severity, result, durationMs: Math.round(performance.now() - startedMs) },
  };
}

function noEvidence(id: string): HubError {
  return new HubError(
    "not-found",
    `there is no evidence ${id.slice(0, 60)}. Ids stand in diagnoses and on incident pages.`,
  );
}

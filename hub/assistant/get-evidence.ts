import { evidence } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";
import type { EvidenceRow } from "../incident/index.ts";

export interface StoredEvidence extends EvidenceRow {
  /** Null when the analysis was asked for without an incident. */
  incidentId: string | null;
}

/** One piece of evidence as it was found, with the very query behind it. The id is a UUID. */
export async function getEvidence(ctx: Context, id: string): Promise<StoredEvidence> {
  requirePermission(ctx, "analysis:read");
  const [row] = await ctx.db.select().from(evidence).where(eq(evidence.id, id));
  if (!row)
    throw new HubError("not-found", `there is no evidence ${id}. Ids stand in diagnoses and on incident pages.`);
  return row;
}

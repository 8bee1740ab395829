import { incidentEvents } from "@watchpost/db/schema";
import { and, eq } from "drizzle-orm";
import { boundedText } from "../bounded-text.ts";
import type { Context } from "../context.ts";
import { requirePermission } from "../identity/permission.ts";
import { type ChangeResult, changeIncident, type IncidentReference } from "./change.ts";

export interface ResolveIncident extends IncidentReference {
  /** What it was and what was done; one line. */
  reason?: string | undefined;
}

/** Ends an incident by hand. What still stands counts as cleared; if it is reported again, the incident reopens. */
export async function resolveIncident(ctx: Context, input: ResolveIncident): Promise<ChangeResult> {
  requirePermission(ctx, "incident:change");
  const reason = boundedText(input.reason ?? "", 500);
  return changeIncident(ctx, input, {
    from: ["new", "acknowledged", "in_progress", "silenced"],
    set: { status: "resolved", resolvedAt: new Date(ctx.clock.nowMs()), openCount: 0, silencedUntil: null },
    change: "resolved",
    action: "incident.resolved",
    timeline: { kind: "resolved", text: reason === "" ? "Resolved by hand" : `Resolved by hand: ${reason}` },
    async also(tx) {
      await tx
        .update(incidentEvents)
        .set({ state: "cleared" })
        .where(and(eq(incidentEvents.incidentId, input.incidentId), eq(incidentEvents.state, "firing")));
    },
  });
}

import { boundedText } from "../bounded-text.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";
import { type ChangeResult, changeIncident, type IncidentReference } from "./change.ts";
import { isUniqueViolation } from "./unique-violation.ts";

export interface ReopenIncident extends IncidentReference {
  reason?: string | undefined;
}

/** Brings a resolved or silenced incident back to new. */
export async function reopenIncident(ctx: Context, input: ReopenIncident): Promise<ChangeResult> {
  requirePermission(ctx, "incident:change");
  const reason = boundedText(input.reason ?? "", 500);
  try {
    return await changeIncident(ctx, input, {
      from: ["resolved", "silenced"],
      set: {
        status: "new",
        silencedUntil: null,
        assignedTo: null,
        acknowledgedAt: null,
        resolvedAt: null,
        mergedInto: null,
      },
      change: "reopened",
      action: "incident.reopened",
      timeline: { kind: "reopened", text: reason === "" ? "Reopened by hand" : `Reopened by hand: ${reason}` },
    });
  } catch (error) {
    if (!isUniqueViolation(error, "incidents_one_open_per_fingerprint")) throw error;
    throw new HubError(
      "conflict",
      "another open incident already holds the same problem. Work in that one; search for this one's title to find it.",
    );
  }
}

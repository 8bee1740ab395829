import { boundedText } from "../bounded-text.ts";
import type { Context } from "../context.ts";
import { requirePermission } from "../identity/permission.ts";
import { type ChangeResult, changeIncident, type IncidentReference } from "./change.ts";

export interface SilenceIncident extends IncidentReference {
  /** Why nobody needs to look; it stands on the timeline. */
  reason: string;
}

/** Takes an incident out of people's sight. It still collects its events and resolves when nothing stands any more. */
export async function silenceIncident(ctx: Context, input: SilenceIncident): Promise<ChangeResult> {
  requirePermission(ctx, "incident:change");
  return changeIncident(ctx, input, {
    from: ["new", "acknowledged", "in_progress"],
    set: { status: "silenced" },
    change: "silenced",
    action: "incident.silenced",
    timeline: { kind: "silenced", text: `Silenced: ${boundedText(input.reason, 500)}` },
  });
}

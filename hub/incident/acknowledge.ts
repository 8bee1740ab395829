import { type Context, userIdOf } from "../context.ts";
import { requirePermission } from "../identity/permission.ts";
import { changeIncident, type IncidentReference } from "./change.ts";
import type { Incident } from "./incident.ts";

export type Acknowledgement =
  | { kind: "acknowledged"; incident: Incident }
  | { kind: "already-claimed"; by: string; incident: Incident };

/** Takes a new incident into a person's hands. The first to ask wins; the others learn who won. */
export async function acknowledgeIncident(ctx: Context, input: IncidentReference): Promise<Acknowledgement> {
  requirePermission(ctx, "incident:acknowledge");
  const result = await changeIncident(ctx, input, {
    from: ["new"],
    set: {
      status: "acknowledged",
      assignedTo: userIdOf(ctx.actor),
      acknowledgedAt: new Date(ctx.clock.nowMs()),
    },
    change: "acknowledged",
    action: "incident.acknowledged",
    timeline: { kind: "acknowledged", text: "Acknowledged" },
  });
  if (result.kind === "changed") return { kind: "acknowledged", incident: result.incident };
  return { kind: "already-claimed", by: result.incident.assignee?.name ?? result.by, incident: result.incident };
}

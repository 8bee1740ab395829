import { type Context, userIdOf } from "../context.ts";
import { requirePermission } from "../identity/permission.ts";
import { type ChangeResult, changeIncident, type IncidentReference } from "./change.ts";

/** Says that work has begun; whoever says so becomes the assignee. */
export async function startProgress(ctx: Context, input: IncidentReference): Promise<ChangeResult> {
  requirePermission(ctx, "incident:change");
  return changeIncident(ctx, input, {
    from: ["new", "acknowledged"],
    set: { status: "in_progress", assignedTo: userIdOf(ctx.actor) },
    change: "started",
    action: "incident.started",
    timeline: { kind: "started", text: "Work started" },
  });
}

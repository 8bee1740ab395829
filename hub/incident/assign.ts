import { users } from "@watchpost/db/schema";
import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";
import { type ChangeResult, changeIncident, type IncidentReference } from "./change.ts";

export interface AssignIncident extends IncidentReference {
  /** Null takes it out of everybody's hands. */
  userId: string | null;
}

/** Hands an incident to a person who may work on it. The status stays. */
export async function assignIncident(ctx: Context, input: AssignIncident): Promise<ChangeResult> {
  requirePermission(ctx, "incident:change");
  const name = input.userId === null ? null : await assignableName(ctx, input.userId);
  return changeIncident(ctx, input, {
    from: ["new", "acknowledged", "in_progress", "silenced"],
    set: { assignedTo: input.userId },
    change: "assigned",
    action: "incident.assigned",
    timeline: {
      kind: "assigned",
      text: name === null ? "Assigned to nobody" : `Assigned to ${name}`,
      details: { userId: input.userId },
    },
  });
}

async function assignableName(ctx: Context, userId: string): Promise<string> {
  const [user] = await ctx.db
    .select({ name: users.name, role: users.role })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.active, true)));
  if (!user) throw new HubError("unprocessable", `there is no active user ${userId}`);
  if (user.role === "viewer") {
    throw new HubError(
      "unprocessable",
      `${user.name} is a viewer and cannot work on incidents. Ask an admin for a role.`,
    );
  }
  return user.name;
}

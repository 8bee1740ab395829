import { type Context, ROLES, type Role } from "../context.ts";
import { HubError } from "../error.ts";

/** The least role for each thing a person or program can do. Collectors and the system pass by their own doors. */
const LEAST_ROLE = {
  "overview:read": "viewer",
  "incident:read": "viewer",
  "incident:acknowledge": "operator",
  "incident:change": "operator",
  "incident:comment": "operator",
  "device:read": "viewer",
  "device:change": "operator",
  "site:read": "viewer",
  "site:change": "admin",
  "collector:read": "viewer",
  "collector:enroll": "admin",
  "collector:configure": "admin",
  "discovery:read": "viewer",
  "discovery:scan": "admin",
  "discovery:decide": "admin",
  "metrics:read": "viewer",
  "analysis:read": "viewer",
  "analysis:request": "operator",
  "script:read": "viewer",
  "script:change": "admin",
  "automation:request": "operator",
  "automation:approve": "operator",
  "webhook:send": "operator",
  "audit:read": "admin",
  "user:change": "admin",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof LEAST_ROLE;

/** Throws `forbidden` unless the actor's role reaches the permission. The system may do everything. */
export function requirePermission(ctx: Context, permission: Permission): void {
  if (ctx.actor.kind === "system") return;
  const least = LEAST_ROLE[permission];
  const role = ctx.actor.kind === "collector" ? undefined : ctx.actor.role;
  if (role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least)) return;
  throw new HubError("forbidden", `${permission} needs the role ${least}; you have ${role ?? "none"}. Ask an admin.`, {
    permission,
    least,
  });
}

/** For pages: whether to show the button at all. */
export function may(role: Role, permission: Permission): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(LEAST_ROLE[permission]);
}

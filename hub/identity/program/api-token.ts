import type { Database } from "@watchpost/db";
import { apiTokens, users } from "@watchpost/db/schema";
import { and, eq, gt, isNull, or } from "drizzle-orm";
import { recordAudit } from "../../audit/index.ts";
import { type Actor, type Clock, type Context, ROLES, type Role } from "../../context.ts";
import { HubError } from "../../error.ts";
import { normalEmail, parseRole } from "../person/user.ts";
import { requirePermission } from "../permission.ts";
import { hashSecret, newSecret } from "../secret.ts";

const PREFIX = "wpt_";
const NAME_LENGTH_MAX = 100;

export type TokenActor = Extract<Actor, { kind: "token" }>;

export interface CreateApiToken {
  name: string;
  userEmail: string;
  role: Role;
  /** Without it the token lives until it is revoked. */
  expiresInMs?: number;
}

export interface ApiToken {
  id: string;
  /** Shown once; only its hash is kept. */
  token: string;
  expiresAt: Date | undefined;
}

/** Makes a bearer token for a program, never above the role of the user it belongs to. */
export async function createApiToken(ctx: Context, input: CreateApiToken): Promise<ApiToken> {
  requirePermission(ctx, "user:change");
  const email = normalEmail(input.userEmail);
  const name = input.name.trim().slice(0, NAME_LENGTH_MAX);
  if (name === "") throw new HubError("bad-request", "an API token needs a name that tells what uses it.");
  const token = PREFIX + newSecret();
  const expiresAt = input.expiresInMs === undefined ? undefined : new Date(ctx.clock.nowMs() + input.expiresInMs);

  return ctx.db.transaction(async (tx) => {
    const [user] = await tx
      .select()
      .from(users)
      .where(and(eq(users.email, email), eq(users.active, true)));
    if (!user) throw new HubError("not-found", `there is no active user ${email}.`);
    const owner = parseRole(user.role);
    if (ROLES.indexOf(input.role) > ROLES.indexOf(owner)) {
      throw new HubError(
        "forbidden",
        `${email} has the role ${owner}; a token of the role ${input.role} would exceed it.`,
      );
    }
    const [row] = await tx
      .insert(apiTokens)
      .values({ name, userId: user.id, role: input.role, secretHash: hashSecret(token), expiresAt: expiresAt ?? null })
      .returning({ id: apiTokens.id });
    if (!row) throw new Error(`no row came back for the new API token ${name}`);
    const details = { name, email, role: input.role, expiresAt: expiresAt?.toISOString() ?? null };
    await recordAudit(tx, ctx, { action: "api-token.created", entity: "api-token", entityId: row.id, details });
    return { id: row.id, token, expiresAt };
  });
}

/** Who a bearer token stands for; undefined once it is revoked or expired. Its role never exceeds its user's of today. */
export async function findApiToken(db: Database, clock: Clock, token: string): Promise<TokenActor | undefined> {
  if (!token.startsWith(PREFIX)) return undefined;
  const [row] = await db
    .select({ token: apiTokens, owner: users.role })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .where(
      and(
        eq(apiTokens.secretHash, hashSecret(token)),
        isNull(apiTokens.revokedAt),
        or(isNull(apiTokens.expiresAt), gt(apiTokens.expiresAt, new Date(clock.nowMs()))),
        eq(users.active, true),
      ),
    );
  if (!row) return undefined;
  const rank = Math.min(ROLES.indexOf(parseRole(row.token.role)), ROLES.indexOf(parseRole(row.owner)));
  return { kind: "token", userId: row.token.userId, name: row.token.name, role: ROLES[rank] ?? "viewer" };
}

export async function revokeApiToken(ctx: Context, id: string): Promise<void> {
  requirePermission(ctx, "user:change");
  await ctx.db.transaction(async (tx) => {
    const [revoked] = await tx
      .update(apiTokens)
      .set({ revokedAt: new Date(ctx.clock.nowMs()) })
      .where(and(eq(apiTokens.id, id), isNull(apiTokens.revokedAt)))
      .returning({ name: apiTokens.name });
    if (!revoked) throw new HubError("not-found", `there is no API token ${id} in force.`);
    await recordAudit(tx, ctx, { action: "api-token.revoked", entity: "api-token", entityId: id, details: revoked });
  });
}

/** Revokes every token of that name; none is no error. */
export async function revokeApiTokens(ctx: Context, name: string): Promise<void> {
  requirePermission(ctx, "user:change");
  const rows = await ctx.db
    .select({ id: apiTokens.id })
    .from(apiTokens)
    .where(and(eq(apiTokens.name, name), isNull(apiTokens.revokedAt)));
  for (const { id } of rows) await revokeApiToken(ctx, id);
}

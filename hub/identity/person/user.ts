import { users } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../../audit/index.ts";
import { type Context, ROLES, type Role } from "../../context.ts";
import { HubError } from "../../error.ts";
import { requirePermission } from "../permission.ts";

export const FIRST_ADMIN_EMAIL = "admin@localhost";
const NAME_LENGTH_MAX = 200;
const EMAIL_LENGTH_MAX = 254;

export interface User {
  id: string;
  email: string;
  name: string;
  role: Role;
  active: boolean;
}

export type UserRow = typeof users.$inferSelect;

export const parseRole = (role: string): Role => z.enum(ROLES).parse(role);

export function userOf(row: UserRow): User {
  return { id: row.id, email: row.email, name: row.name, role: parseRole(row.role), active: row.active };
}

export function normalEmail(email: string): string {
  const trimmed = email.trim().toLowerCase();
  if (trimmed.length <= EMAIL_LENGTH_MAX && /^[^\s@<>"]+@[^\s@<>"]+$/.test(trimmed)) return trimmed;
  throw new HubError("bad-request", `"${email.slice(0, 80)}" is not an e-mail address.`);
}

export interface CreateUser {
  email: string;
  name: string;
  role: Role;
}

export async function createUser(ctx: Context, input: CreateUser): Promise<User> {
  requirePermission(ctx, "user:change");
  const email = normalEmail(input.email);
  return ctx.db.transaction(async (tx) => {
    const [row] = await tx
      .insert(users)
      .values({ email, name: input.name.trim().slice(0, NAME_LENGTH_MAX) || email, role: input.role })
      .onConflictDoNothing({ target: users.email })
      .returning();
    if (!row) throw new HubError("conflict", `the user ${email} exists already.`);
    const details = { email, role: input.role };
    await recordAudit(tx, ctx, { action: "user.created", entity: "user", entityId: row.id, details });
    return userOf(row);
  });
}

/** On the first start: somebody who can let the others in. There is no password; entry is by sign-in link. */
export async function ensureFirstAdmin(ctx: Context): Promise<User> {
  requirePermission(ctx, "user:change");
  const [known] = await ctx.db.select().from(users).where(eq(users.email, FIRST_ADMIN_EMAIL));
  if (known) return userOf(known);
  return createUser(ctx, { email: FIRST_ADMIN_EMAIL, name: "Administrator", role: "admin" });
}

export async function listUsers(ctx: Context): Promise<User[]> {
  requirePermission(ctx, "overview:read");
  const rows = await ctx.db.select().from(users).orderBy(users.name).limit(1_000);
  return rows.map(userOf);
}

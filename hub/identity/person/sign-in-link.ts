import { signInLinks, users } from "@watchpost/db/schema";
import { and, eq } from "drizzle-orm";
import { recordAudit } from "../../audit/index.ts";
import type { Context } from "../../context.ts";
import { HubError } from "../../error.ts";
import { requirePermission } from "../permission.ts";
import { hashSecret, newSecret } from "../secret.ts";
import { FIRST_ADMIN_EMAIL, normalEmail } from "./user.ts";

export const SIGN_IN_LINK_LIFETIME_MS = 900_000;

export interface SignInLink {
  /** Goes into the link; shown once, only its hash is kept. */
  secret: string;
  email: string;
  expiresAt: Date;
}

/** Makes a link that signs one person in, once, within 15 minutes. */
export async function createSignInLink(ctx: Context, input: { userEmail?: string }): Promise<SignInLink> {
  requirePermission(ctx, "user:change");
  const email = normalEmail(input.userEmail ?? FIRST_ADMIN_EMAIL);
  const secret = newSecret();
  const expiresAt = new Date(ctx.clock.nowMs() + SIGN_IN_LINK_LIFETIME_MS);
  await ctx.db.transaction(async (tx) => {
    const [user] = await tx
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.email, email), eq(users.active, true)));
    if (!user) throw new HubError("not-found", `there is no active user ${email}.`);
    const [link] = await tx
      .insert(signInLinks)
      .values({ userId: user.id, secretHash: hashSecret(secret), expiresAt })
      .returning({ id: signInLinks.id });
    if (!link) throw new Error(`no row came back for a new sign-in link of ${email}`);
    await recordAudit(tx, ctx, {
      action: "sign-in-link.created",
      entity: "user",
      entityId: user.id,
      details: { link: link.id, expiresAt: expiresAt.toISOString() },
    });
  });
  return { secret, email, expiresAt };
}

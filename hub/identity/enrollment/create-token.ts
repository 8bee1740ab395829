import { enrollmentTokens } from "@watchpost/db/schema";
import { recordAudit } from "../../audit/index.ts";
import { type Context, userIdOf } from "../../context.ts";
import { HubError } from "../../error.ts";
import { requirePermission } from "../permission.ts";
import { hashSecret, newSecret } from "../secret.ts";
import { ensureSite } from "../site.ts";
import { formatToken } from "./token-text.ts";

export const TOKEN_LIFETIME_MS = 3_600_000;
const TOKEN_LIFETIME_MIN_MS = 1_000;
const TOKEN_LIFETIME_MAX_MS = 7 * 86_400_000;

export interface CreateEnrollmentToken {
  site: string;
  expiresInMs?: number;
  /** host:port of the enrolment listener, as the collector will dial it. */
  address: string;
  /** Hex SHA-256 of the authority's certificate. */
  caFingerprint: string;
}

export interface EnrollmentToken {
  id: string;
  /** Shown once; only its hash is kept. */
  token: string;
  site: string;
  expiresAt: Date;
}

/** Makes a one-time token that lets one collector join the site; the site is made when it is new. */
export async function createEnrollmentToken(ctx: Context, input: CreateEnrollmentToken): Promise<EnrollmentToken> {
  requirePermission(ctx, "collector:enroll");
  const lifetimeMs = input.expiresInMs ?? TOKEN_LIFETIME_MS;
  if (!(lifetimeMs >= TOKEN_LIFETIME_MIN_MS && lifetimeMs <= TOKEN_LIFETIME_MAX_MS)) {
    throw new HubError(
      "bad-request",
      `a token may live ${TOKEN_LIFETIME_MIN_MS} to ${TOKEN_LIFETIME_MAX_MS} ms, not ${lifetimeMs}.`,
    );
  }
  const secret = newSecret();
  const expiresAt = new Date(ctx.clock.nowMs() + lifetimeMs);

  return ctx.db.transaction(async (tx) => {
    const site = await ensureSite(tx, ctx, input.site);
    const [row] = await tx
      .insert(enrollmentTokens)
      .values({ siteId: site.id, secretHash: hashSecret(secret), expiresAt, createdBy: userIdOf(ctx.actor) })
      .returning({ id: enrollmentTokens.id });
    if (!row) throw new Error(`no row came back for a new token of site ${site.name}`);
    await recordAudit(tx, ctx, {
      action: "enrollment-token.created",
      entity: "enrollment-token",
      entityId: row.id,
      details: { site: site.name, expiresAt: expiresAt.toISOString() },
    });
    const token = formatToken({ a: input.address, f: input.caFingerprint, i: row.id, s: secret });
    return { id: row.id, token, site: site.name, expiresAt };
  });
}

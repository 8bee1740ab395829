import type { Transaction } from "@watchpost/db";
import { collectors, enrollmentTokens, sites } from "@watchpost/db/schema";
import { and, eq, gt, isNull } from "drizzle-orm";
import { recordAudit } from "../../audit/index.ts";
import type { Context } from "../../context.ts";
import { HubError } from "../../error.ts";
import type { CertificateAuthority } from "../authority/index.ts";
import { hashSecret } from "../secret.ts";
import { parseToken, type TokenContent } from "./token-text.ts";

const COLLECTOR_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const VERSION_LENGTH_MAX = 100;

export interface Enroll {
  token: string;
  certificateRequest: Uint8Array;
  collectorName: string;
  collectorVersion: string;
}

export interface Enrolled {
  collectorId: string;
  site: string;
  certificate: Uint8Array<ArrayBuffer>;
}

/**
 * Spends a token and gives the collector its certificate, both or neither. A name that is known at the site and not
 * connected gets a new certificate, and its old one ends: that is how a reinstalled machine comes back.
 */
export async function enrollCollector(ctx: Context, authority: CertificateAuthority, input: Enroll): Promise<Enrolled> {
  const token = parseToken(input.token);
  if (!COLLECTOR_NAME.test(input.collectorName)) {
    throw new HubError(
      "bad-request",
      `"${input.collectorName.slice(0, 80)}" cannot name a collector: use 1 to 63 letters, digits, dots, dashes and underscores.`,
    );
  }
  return ctx.db.transaction(async (tx) => {
    const site = await spendToken(tx, ctx, token);
    const collectorId = await claimName(tx, site, input.collectorName);
    const { der, serial, notAfter } = await authority.issueCollector(input.certificateRequest, {
      site: site.name,
      collectorId,
    });
    const values = {
      version: input.collectorVersion.slice(0, VERSION_LENGTH_MAX),
      certificateSerial: serial,
      previousCertificateSerial: null,
      certificateNotAfter: notAfter,
      enrolledAt: new Date(ctx.clock.nowMs()),
    };
    await tx
      .insert(collectors)
      .values({ id: collectorId, siteId: site.id, name: input.collectorName, ...values })
      .onConflictDoUpdate({ target: collectors.id, set: values });
    await tx.update(enrollmentTokens).set({ usedByCollectorId: collectorId }).where(eq(enrollmentTokens.id, token.i));
    await recordAudit(tx, ctx, {
      action: "collector.enrolled",
      entity: "collector",
      entityId: collectorId,
      details: { site: site.name, name: input.collectorName, token: token.i, serial },
    });
    return { collectorId, site: site.name, certificate: der };
  });
}

interface Site {
  id: string;
  name: string;
}

async function spendToken(tx: Transaction, ctx: Context, token: TokenContent): Promise<Site> {
  const now = new Date(ctx.clock.nowMs());
  const [spent] = await tx
    .update(enrollmentTokens)
    .set({ usedAt: now })
    .where(
      and(
        eq(enrollmentTokens.id, token.i),
        eq(enrollmentTokens.secretHash, hashSecret(token.s)),
        isNull(enrollmentTokens.usedAt),
        gt(enrollmentTokens.expiresAt, now),
      ),
    )
    .returning({ siteId: enrollmentTokens.siteId });
  if (!spent) throw await refusal(tx, token);
  const [site] = await tx.select({ id: sites.id, name: sites.name }).from(sites).where(eq(sites.id, spent.siteId));
  if (!site) throw new Error(`token ${token.i} names the site ${spent.siteId}, which does not exist`);
  return site;
}

const NEW_TOKEN = "Make a new one at the hub: hub token create --site SITE";

async function refusal(tx: Transaction, token: TokenContent): Promise<HubError> {
  const [row] = await tx
    .select()
    .from(enrollmentTokens)
    .where(and(eq(enrollmentTokens.id, token.i), eq(enrollmentTokens.secretHash, hashSecret(token.s))));
  if (!row)
    return new HubError("unauthenticated", `this hub did not make the enrolment token ${token.i}. ${NEW_TOKEN}`);
  if (row.usedAt) {
    return new HubError("gone", `the enrolment token ${token.i} was used at ${row.usedAt.toISOString()}. ${NEW_TOKEN}`);
  }
  return new HubError("gone", `the enrolment token ${token.i} expired at ${row.expiresAt.toISOString()}. ${NEW_TOKEN}`);
}

async function claimName(tx: Transaction, site: Site, name: string): Promise<string> {
  const [known] = await tx
    .select({ id: collectors.id, status: collectors.status })
    .from(collectors)
    .where(and(eq(collectors.siteId, site.id), eq(collectors.name, name)))
    .for("update");
  if (!known) return Bun.randomUUIDv7();
  if (known.status === "disconnected") return known.id;
  throw new HubError(
    "conflict",
    `the collector ${name} of site ${site.name} is ${known.status}. Choose another name${known.status === "streaming" ? ", or stop it first" : ""}.`,
  );
}

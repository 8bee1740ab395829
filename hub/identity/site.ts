import type { Transaction } from "@watchpost/db";
import { sites } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";

const SITE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function requireSiteName(name: string): string {
  if (SITE_NAME.test(name)) return name;
  throw new HubError(
    "bad-request",
    `"${name.slice(0, 80)}" cannot name a site: use 1 to 63 of a-z, 0-9 and -, not at either end. It goes into certificates and metric labels.`,
  );
}

/** The site of that name, made when it is new. */
export async function ensureSite(tx: Transaction, ctx: Context, name: string): Promise<{ id: string; name: string }> {
  const [made] = await tx
    .insert(sites)
    .values({ name: requireSiteName(name), title: name })
    .onConflictDoNothing({ target: sites.name })
    .returning({ id: sites.id });
  if (made) {
    await recordAudit(tx, ctx, { action: "site.created", entity: "site", entityId: made.id, details: { name } });
    return { id: made.id, name };
  }
  const [found] = await tx.select({ id: sites.id }).from(sites).where(eq(sites.name, name));
  if (!found) throw new Error(`site ${name} was neither made nor found in one transaction`);
  return { id: found.id, name };
}

import { auditLog } from "@watchpost/db/schema";
import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

export interface ListAudit {
  entity?: string | undefined;
  entityId?: string | undefined;
  /** 1 to 200; 50 when not given. */
  limit?: number | undefined;
  /** nextCursor of the page before. */
  cursor?: string | undefined;
}

export type AuditRow = typeof auditLog.$inferSelect;

/** Who changed what, newest first. */
export async function listAudit(
  ctx: Context,
  input: ListAudit = {},
): Promise<{ entries: AuditRow[]; nextCursor: string | null }> {
  requirePermission(ctx, "audit:read");
  const limit = Math.min(Math.max(Math.trunc(input.limit ?? LIMIT_DEFAULT), 1), LIMIT_MAX);
  if (input.cursor !== undefined && !/^[1-9]\d{0,15}$/.test(input.cursor))
    throw new HubError("bad-request", "cursor is not one that a list returned. Leave it out to start from the newest.");
  const rows = await ctx.db
    .select()
    .from(auditLog)
    .where(
      and(
        input.entity === undefined ? undefined : eq(auditLog.entity, input.entity),
        input.entityId === undefined ? undefined : eq(auditLog.entityId, input.entityId),
        input.cursor === undefined ? undefined : lt(auditLog.id, Number(input.cursor)),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(limit + 1);
  const entries = rows.slice(0, limit);
  return { entries, nextCursor: rows.length > limit ? String(entries.at(-1)?.id) : null };
}

import { scripts, scriptVersions } from "@watchpost/db/schema";
import { and, asc, desc, eq, gt, ilike, or, type SQL } from "drizzle-orm";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { type ListInput, limitOf, type Page, pageOf } from "./paging.ts";
import type { ScriptDetail, ScriptRow, ScriptSummary, ScriptVersion, ScriptVersionRow } from "./view.ts";

const VERSIONS_SHOWN_MAX = 100;

const SEARCH_LENGTH_MAX = 100;

export interface ListScripts extends ListInput {
  /** Part of the name or description. */
  search?: string | undefined;
}

/** Scripts by name. */
export async function listScripts(ctx: Context, input: ListScripts = {}): Promise<Page<ScriptSummary>> {
  requirePermission(ctx, "script:read");
  const limit = limitOf(input);
  const rows = await ctx.db
    .select()
    .from(scripts)
    .where(and(input.cursor === undefined ? undefined : gt(scripts.name, input.cursor), matches(input.search)))
    .orderBy(asc(scripts.name))
    .limit(limit + 1);
  return pageOf(rows.map(summaryOf), limit, (script) => script.name);
}

function matches(search: string | undefined): SQL | undefined {
  if (search === undefined) return undefined;
  const pattern = `%${search
    .trim()
    .slice(0, SEARCH_LENGTH_MAX)
    .replaceAll(/[\\%_]/g, "\\$&")}%`;
  return or(ilike(scripts.name, pattern), ilike(scripts.description, pattern));
}

export async function getScript(ctx: Context, input: { scriptId: string }): Promise<ScriptDetail> {
  requirePermission(ctx, "script:read");
  const [script] = await ctx.db.select().from(scripts).where(eq(scripts.id, input.scriptId));
  if (!script) throw new HubError("not-found", `There is no script ${input.scriptId}.`);
  const versions = await ctx.db
    .select()
    .from(scriptVersions)
    .where(eq(scriptVersions.scriptId, script.id))
    .orderBy(desc(scriptVersions.version))
    .limit(VERSIONS_SHOWN_MAX);
  return { ...summaryOf(script), versions: versions.map(versionOf) };
}

function summaryOf({ id, name, description, latestVersion, createdAt }: ScriptRow): ScriptSummary {
  return { id, name, description, latestVersion, createdAt };
}

function versionOf(row: ScriptVersionRow): ScriptVersion {
  const { id, version, argv, body, parameterSchema, timeoutMs, outputBytesMax, sha256, createdAt } = row;
  return { id, version, argv, body, parameterSchema, timeoutMs, outputBytesMax, sha256, createdAt };
}

import { scripts, scriptVersions } from "@watchpost/db/schema";
import { asc, desc, eq, gt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { type ListInput, limitOf, type Page, pageOf } from "./paging.ts";
import type { ScriptDetail, ScriptRow, ScriptSummary, ScriptVersion, ScriptVersionRow } from "./view.ts";

const VERSIONS_SHOWN_MAX = 100;

/** Scripts by name. */
export async function listScripts(ctx: Context, input: ListInput = {}): Promise<Page<ScriptSummary>> {
  requirePermission(ctx, "script:read");
  const limit = limitOf(input);
  const rows = await ctx.db
    .select()
    .from(scripts)
    .where(input.cursor === undefined ? undefined : gt(scripts.name, input.cursor))
    .orderBy(asc(scripts.name))
    .limit(limit + 1);
  return pageOf(rows.map(summaryOf), limit, (script) => script.name);
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

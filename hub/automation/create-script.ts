import type { Transaction } from "@watchpost/db";
import { scripts, scriptVersions } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { type Context, userIdOf } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { scriptHash } from "./canonical.ts";
import { requireRunnable, type ScriptDraft } from "./script-draft.ts";
import type { ScriptRow, ScriptVersionRow } from "./view.ts";

const VERSIONS_MAX = 1_000;

export interface CreateScript extends ScriptDraft {
  name: string;
  description: string;
}

/** Stores a script with its first version. Versions never change; a new one is added instead. */
export async function createScript(ctx: Context, input: CreateScript): Promise<{ id: string; version: number }> {
  requirePermission(ctx, "script:change");
  requireRunnable(input);
  return ctx.db.transaction(async (tx) => {
    const [script] = await tx
      .insert(scripts)
      .values({ name: input.name, description: input.description, createdAt: new Date(ctx.clock.nowMs()) })
      .onConflictDoNothing({ target: scripts.name })
      .returning();
    if (!script)
      throw new HubError(
        "conflict",
        `A script named ${input.name} exists. Add a version to it, or choose another name.`,
      );
    const { sha256 } = await insertVersion(tx, ctx, { script, version: 1, draft: input });
    await recordAudit(tx, ctx, {
      action: "script.created",
      entity: "script",
      entityId: script.id,
      details: { name: script.name, version: 1, sha256 },
    });
    return { id: script.id, version: 1 };
  });
}

export interface AddScriptVersion extends ScriptDraft {
  scriptId: string;
}

export async function addScriptVersion(
  ctx: Context,
  input: AddScriptVersion,
): Promise<{ id: string; version: number }> {
  requirePermission(ctx, "script:change");
  requireRunnable(input);
  return ctx.db.transaction(async (tx) => {
    const [script] = await tx.select().from(scripts).where(eq(scripts.id, input.scriptId)).for("update");
    if (!script) throw new HubError("not-found", `There is no script ${input.scriptId}.`);
    const version = script.latestVersion + 1;
    if (version > VERSIONS_MAX)
      throw new HubError(
        "conflict",
        `${script.name} has ${VERSIONS_MAX} versions, which is the limit. Make a new script.`,
      );
    const { sha256 } = await insertVersion(tx, ctx, { script, version, draft: input });
    await tx.update(scripts).set({ latestVersion: version }).where(eq(scripts.id, script.id));
    await recordAudit(tx, ctx, {
      action: "script.version-added",
      entity: "script",
      entityId: script.id,
      details: { name: script.name, version, sha256 },
    });
    return { id: script.id, version };
  });
}

async function insertVersion(
  tx: Transaction,
  ctx: Context,
  { script, version, draft }: { script: ScriptRow; version: number; draft: ScriptDraft },
): Promise<ScriptVersionRow> {
  const content = {
    version,
    argv: draft.argv,
    body: draft.body,
    parameterSchema: draft.parameter_schema,
    timeoutMs: draft.timeout_ms,
    outputBytesMax: draft.output_bytes_max,
  };
  const [row] = await tx
    .insert(scriptVersions)
    .values({
      ...content,
      scriptId: script.id,
      sha256: scriptHash({ ...content, name: script.name }),
      createdBy: userIdOf(ctx.actor),
      createdAt: new Date(ctx.clock.nowMs()),
    })
    .returning();
  if (!row) throw new Error(`script ${script.name} version ${version}: the insert returned no row`);
  return row;
}

import { approvals, scripts, scriptVersions } from "@watchpost/db/schema";
import { compileParameterSchema, ORDER_LIFETIME_MS_MAX } from "@watchpost/proto/script";
import { and, eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { boundedText } from "../bounded-text.ts";
import { publish } from "../bus/index.ts";
import { type Context, userIdOf } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { appendTimeline } from "../incident/index.ts";
import { bindingHash } from "./canonical.ts";
import { planRun } from "./plan.ts";
import { getApproval } from "./read-approval.ts";
import { requireIncident, resolveTargets } from "./resolve-target.ts";
import type { Approval, RunPlan, ScriptVersionRow } from "./view.ts";

const INITIATOR_LENGTH_MAX = 200;

export interface RequestExecution {
  scriptId: string;
  /** The newest when not given. */
  version?: number | undefined;
  parameters: Record<string, unknown>;
  /** Device ids, names or site/name. */
  targets: string[];
  collectorId?: string | undefined;
  incidentId?: string | undefined;
  /** Shows what would run, and creates nothing. */
  dryRun: boolean;
  /** Who or what had the idea, as told; who really asked is in requestedBy and the audit log. */
  initiatedBy: string;
}

export type Requested = { kind: "dry-run"; plan: RunPlan } | { kind: "awaiting-approval"; approval: Approval };

/** Asks for a run. Whoever asks, person or program, gets no further than an approval that a person must give. */
export async function requestExecution(ctx: Context, input: RequestExecution): Promise<Requested> {
  requirePermission(ctx, "automation:request");
  await requireIncident(ctx.db, input.incidentId);
  const version = await findVersion(ctx, input);
  const parameters = requireParameters(version, input.parameters);
  const { collectorId, targets } = await resolveTargets(ctx.db, input);
  const plan = await planRun(ctx.db, { scriptVersionId: version.id, collectorId, parameters, targets });
  if (input.dryRun) return { kind: "dry-run", plan };

  const nowMs = ctx.clock.nowMs();
  const expiresAtMs = nowMs + ORDER_LIFETIME_MS_MAX;
  const scriptSha256 = plan.script.sha256;
  const id = await ctx.db.transaction(async (tx) => {
    const [row] = await tx
      .insert(approvals)
      .values({
        scriptVersionId: version.id,
        collectorId,
        incidentId: input.incidentId ?? null,
        parameters,
        targets,
        bindingHash: bindingHash({ scriptSha256, collectorId, parameters, targets, expiresAtMs }),
        initiatedBy: boundedText(input.initiatedBy, INITIATOR_LENGTH_MAX),
        requestedBy: userIdOf(ctx.actor),
        expiresAt: new Date(expiresAtMs),
        createdAt: new Date(nowMs),
      })
      .returning({ id: approvals.id, bindingHash: approvals.bindingHash });
    if (!row) throw new Error("the new approval returned no row");
    const details = { script: plan.script, parameters, targets, collectorId, bindingHash: row.bindingHash };
    await recordAudit(tx, ctx, { action: "automation.requested", entity: "approval", entityId: row.id, details });
    if (input.incidentId !== undefined)
      await appendTimeline(tx, {
        incidentId: input.incidentId,
        kind: "script",
        text: `Approval asked for: ${plan.script.name} v${plan.script.version}${targets.length > 0 ? ` on ${targets.join(", ")}` : ""}`,
        userId: userIdOf(ctx.actor),
        at: new Date(nowMs),
        details: { approvalId: row.id },
      });
    const payload = { status: "pending", incidentId: input.incidentId ?? null };
    await publish(tx, { topic: "approval", key: row.id, payload });
    return row.id;
  });
  return { kind: "awaiting-approval", approval: await getApproval(ctx, { approvalId: id }) };
}

async function findVersion(ctx: Context, input: RequestExecution): Promise<ScriptVersionRow> {
  const [script] = await ctx.db.select().from(scripts).where(eq(scripts.id, input.scriptId));
  if (!script) throw new HubError("not-found", `There is no script ${input.scriptId}. GET /api/v1/scripts lists them.`);
  const version = input.version ?? script.latestVersion;
  const [row] = await ctx.db
    .select()
    .from(scriptVersions)
    .where(and(eq(scriptVersions.scriptId, script.id), eq(scriptVersions.version, version)));
  if (!row)
    throw new HubError("not-found", `${script.name} has no version ${version}; its newest is ${script.latestVersion}.`);
  return row;
}

function requireParameters(version: ScriptVersionRow, values: Record<string, unknown>): Record<string, unknown> {
  const compiled = compileParameterSchema(version.parameterSchema);
  if (compiled.kind === "unusable") throw new HubError("conflict", `script version ${version.id}: ${compiled.reason}`);
  const checked = compiled.check(values);
  if (checked.kind === "valid") return checked.parameters;
  const errors = checked.errors.map((e) => ({ in: "json", field: `parameters.${e.parameter}`, expected: e.expected }));
  const said = checked.errors.map((error) => `${error.parameter} ${error.expected}`).join("; ");
  throw new HubError("unprocessable", `parameters: ${said.slice(0, 500)}.`, { errors });
}

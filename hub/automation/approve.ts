import { toBinary } from "@bufbuild/protobuf";
import type { Transaction } from "@watchpost/db";
import { collectors, scriptExecutions, scripts, scriptVersions, sites } from "@watchpost/db/schema";
import { SignedOrderSchema } from "@watchpost/proto";
import { eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { publish } from "../bus/index.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { bindingHash, scriptHash } from "./canonical.ts";
import { recordDecision, takePending, type Undecidable } from "./decide.ts";
import { sendOrder } from "./deliver.ts";
import { orderBytes } from "./order.ts";
import type { AutomationPorts } from "./ports.ts";
import { getExecution } from "./read-execution.ts";
import type { ApprovalRow, ExecutionDetail } from "./view.ts";

export interface ApproveRequest {
  approvalId: string;
  /** What the person saw; when given, anything else is refused. */
  bindingHash?: string | undefined;
}

export type Approved = { kind: "approved"; execution: ExecutionDetail } | Undecidable;

/** A person's yes: signs exactly what the approval is bound to and sends it, or keeps it for the collector's return. */
export async function approveRequest(ctx: Context, ports: AutomationPorts, input: ApproveRequest): Promise<Approved> {
  requirePermission(ctx, "automation:approve");
  const decided = await ctx.db.transaction(async (tx) => {
    const pending = await takePending(tx, ctx, input.approvalId);
    if (pending.kind !== "pending") return pending;
    const { approval } = pending;
    const { script, site } = await requireUnchanged(tx, approval, input.bindingHash);

    const executionId = Bun.randomUUIDv7();
    const issuedAtMs = ctx.clock.nowMs();
    const order = await ports.signing.signOrder(orderBytes({ executionId, approval, script, site, issuedAtMs }));
    await tx.insert(scriptExecutions).values({
      id: executionId,
      approvalId: approval.id,
      collectorId: approval.collectorId,
      incidentId: approval.incidentId,
      signedOrder: toBinary(SignedOrderSchema, order),
      expiresAt: approval.expiresAt,
      createdAt: new Date(issuedAtMs),
    });
    const details = { approvalId: approval.id, keyId: order.keyId };
    await recordAudit(tx, ctx, { action: "execution.signed", entity: "execution", entityId: executionId, details });
    const on = approval.targets.length > 0 ? ` on ${approval.targets.join(", ")}` : "";
    const text = `Approved: ${script.name} v${script.version.version}${on}`;
    await recordDecision(tx, ctx, { approval, status: "approved", text });
    await publish(tx, {
      topic: "execution",
      key: executionId,
      payload: { kind: "status", status: "queued", incidentId: approval.incidentId, approvalId: approval.id },
    });
    return { kind: "signed", executionId, collectorId: approval.collectorId, order } as const;
  });
  if (decided.kind !== "signed") return decided;
  await sendOrder(ctx.db, ports.links, decided);
  return { kind: "approved", execution: await getExecution(ctx, { executionId: decided.executionId }) };
}

/** Computes the binding from the rows as they are now; a difference means that somebody changed what was approved. */
async function requireUnchanged(tx: Transaction, approval: ApprovalRow, seen: string | undefined) {
  const [row] = await tx
    .select({ name: scripts.name, version: scriptVersions, site: sites.name, status: collectors.status })
    .from(scriptVersions)
    .innerJoin(scripts, eq(scripts.id, scriptVersions.scriptId))
    .innerJoin(collectors, eq(collectors.id, approval.collectorId))
    .innerJoin(sites, eq(sites.id, collectors.siteId))
    .where(eq(scriptVersions.id, approval.scriptVersionId));
  if (!row) throw new Error(`approval ${approval.id}: its script version or collector is not in the database`);
  const now = bindingHash({
    scriptSha256: scriptHash({ ...row.version, name: row.name }),
    collectorId: approval.collectorId,
    parameters: approval.parameters,
    targets: approval.targets,
    expiresAtMs: approval.expiresAt.getTime(),
  });
  if (now !== approval.bindingHash || (seen !== undefined && seen !== now))
    throw new HubError(
      "conflict",
      `Approval ${approval.id} is bound to ${(seen ?? approval.bindingHash).slice(0, 12)}, but script, parameters, targets ` +
        `and expiry are now ${now.slice(0, 12)}. Nothing was signed. Ask for a new approval and tell an admin.`,
    );
  if (row.status === "revoked")
    throw new HubError("conflict", `The collector of approval ${approval.id} was revoked. Nothing was signed.`);
  return { script: { name: row.name, version: row.version }, site: row.site };
}

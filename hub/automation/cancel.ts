import { create } from "@bufbuild/protobuf";
import { scriptExecutions } from "@watchpost/db/schema";
import { DownlinkSchema } from "@watchpost/proto";
import { eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { publish } from "../bus/index.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import type { AutomationPorts } from "./ports.ts";
import { type ExecutionStatus, OPEN_STATUSES } from "./view.ts";

export type Cancelled =
  /** It never left the hub. */
  | { kind: "cancelled" }
  /** The collector was told; its result says what became of it. */
  | { kind: "asked" }
  | { kind: "already-ended"; status: ExecutionStatus };

export async function cancelExecution(
  ctx: Context,
  ports: Pick<AutomationPorts, "links">,
  input: { executionId: string },
): Promise<Cancelled> {
  requirePermission(ctx, "automation:request");
  const { executionId } = input;
  const decided = await ctx.db.transaction(async (tx) => {
    const [row] = await tx.select().from(scriptExecutions).where(eq(scriptExecutions.id, executionId)).for("update");
    if (!row) throw new HubError("not-found", `There is no execution ${executionId}.`);
    const status = row.status as ExecutionStatus;
    if (!OPEN_STATUSES.includes(status)) return { kind: "already-ended", status } as const;
    const { incidentId, collectorId } = row;
    const entry = { entity: "execution", entityId: executionId };
    if (status !== "queued") {
      await recordAudit(tx, ctx, { ...entry, action: "execution.cancel-asked" });
      return { kind: "asked", collectorId } as const;
    }
    const ended = {
      status: "cancelled",
      reason: "Cancelled before it was sent.",
      finishedAt: new Date(ctx.clock.nowMs()),
    };
    await tx.update(scriptExecutions).set(ended).where(eq(scriptExecutions.id, executionId));
    await recordAudit(tx, ctx, { ...entry, action: "execution.cancelled" });
    const payload = { kind: "status", status: "cancelled", reason: ended.reason, incidentId };
    await publish(tx, { topic: "execution", key: executionId, payload });
    return { kind: "cancelled" } as const;
  });
  if (decided.kind !== "asked") return decided;
  const message = create(DownlinkSchema, { message: { case: "cancelScript", value: { executionId } } });
  if (ports.links.send(decided.collectorId, message)) return { kind: "asked" };
  throw new HubError(
    "not-available",
    `The collector of execution ${executionId} is not connected. The run ends by its own time-out; try again when it is back.`,
  );
}

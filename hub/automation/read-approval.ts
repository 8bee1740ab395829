import {
  approvals,
  collectors,
  devices,
  scriptExecutions,
  scripts,
  scriptVersions,
  sites,
  users,
} from "@watchpost/db/schema";
import { and, eq, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { type ListRuns, newestFirst } from "./newest-first.ts";
import { type Page, pageOf } from "./paging.ts";
import { showRun } from "./plan.ts";
import type { Approval, ApprovalStatus } from "./view.ts";

const requester = alias(users, "requester");
const decider = alias(users, "decider");

type ListApprovals = ListRuns<ApprovalStatus>;

/** Approvals, newest first. */
export async function listApprovals(ctx: Context, input: ListApprovals = {}): Promise<Page<Approval>> {
  requirePermission(ctx, "script:read");
  const { where, order, limit, rowsMax } = newestFirst(approvals, input);
  const rows = await select(ctx).where(where).orderBy(order).limit(rowsMax);
  const shown = rows.map((row) => approvalOf(ctx, row));
  return pageOf(shown, limit, (approval) => approval.id);
}

export async function getApproval(ctx: Context, input: { approvalId: string }): Promise<Approval> {
  requirePermission(ctx, "script:read");
  const [row] = await select(ctx).where(eq(approvals.id, input.approvalId));
  if (!row) throw new HubError("not-found", `There is no approval ${input.approvalId}.`);
  return approvalOf(ctx, row);
}

function select(ctx: Context) {
  return ctx.db
    .select({
      approval: approvals,
      script: { id: scripts.id, name: scripts.name },
      version: scriptVersions,
      collector: collectors,
      site: sites.name,
      address: devices.ipAddress,
      executionId: scriptExecutions.id,
      requestedBy: { id: requester.id, name: requester.name },
      decidedBy: { id: decider.id, name: decider.name },
    })
    .from(approvals)
    .innerJoin(scriptVersions, eq(scriptVersions.id, approvals.scriptVersionId))
    .innerJoin(scripts, eq(scripts.id, scriptVersions.scriptId))
    .innerJoin(collectors, eq(collectors.id, approvals.collectorId))
    .innerJoin(sites, eq(sites.id, collectors.siteId))
    .leftJoin(
      devices,
      and(
        eq(devices.collectorId, approvals.collectorId),
        sql`${approvals.targets} = jsonb_build_array(${devices.name})`,
      ),
    )
    .leftJoin(scriptExecutions, eq(scriptExecutions.approvalId, approvals.id))
    .leftJoin(requester, eq(requester.id, approvals.requestedBy))
    .leftJoin(decider, eq(decider.id, approvals.decidedBy));
}

function approvalOf(ctx: Context, row: Awaited<ReturnType<typeof select>>[number]): Approval {
  const { approval, executionId, requestedBy, decidedBy } = row;
  const { id, bindingHash, incidentId, initiatedBy, decidedAt, expiresAt, createdAt } = approval;
  const late = approval.status === "pending" && expiresAt.getTime() <= ctx.clock.nowMs();
  const status = late ? "expired" : (approval.status as ApprovalStatus);
  const plan = showRun(row, approval);
  return {
    ...plan,
    id,
    status,
    bindingHash,
    incidentId,
    initiatedBy,
    requestedBy,
    decidedBy,
    decidedAt,
    expiresAt,
    createdAt,
    executionId,
  };
}

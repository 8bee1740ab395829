import {
  ApprovalList,
  type ApprovalListView,
  type ApprovalView,
  ExecutionHead,
  ExecutionOutput,
  type ExecutionView,
  type ScriptRowView,
} from "@watchpost/ui";
import { type Approval, getExecution, listApprovals, listScripts } from "../../automation/index.ts";
import { listCollectors } from "../../device/index.ts";
import { may } from "../../identity/index.ts";
import { type Region, region } from "./region.tsx";
import type { Source } from "./source.ts";

const SCRIPTS_MAX = 200;
const APPROVALS_MAX = 60;
const OUTPUT_PAGES_MAX = 64;
const OUTPUT_CHARACTERS_MAX = 65_536;

export async function loadScripts({ ctx }: Source): Promise<ScriptRowView[]> {
  const [scripts, collectors] = await Promise.all([listScripts(ctx, { limit: SCRIPTS_MAX }), listCollectors(ctx)]);
  return scripts.items.map((script) => ({
    id: script.id,
    name: script.name,
    description: script.description,
    version: script.latestVersion,
    allowedAt: collectors
      .filter(({ allowedScripts, status }) => status !== "revoked" && allowedScripts.includes(script.name))
      .map((collector) => `${collector.site}/${collector.name}`),
  }));
}

export async function loadApprovals({ ctx, role, nowMs }: Source): Promise<ApprovalListView> {
  const { items } = await listApprovals(ctx, { limit: APPROVALS_MAX });
  const views = items.map(approvalOf);
  return {
    pending: views.filter(({ status }) => status === "pending"),
    decided: views.filter(({ status }) => status !== "pending"),
    mayDecide: may(role, "automation:approve"),
    nowMs,
  };
}

function approvalOf(approval: Approval): ApprovalView {
  const { id, status, argv, body, targets, warnings, bindingHash, createdAt, expiresAt, requestedBy } = approval;
  const asked = requestedBy && !approval.initiatedBy.includes(requestedBy.name) ? `, sent by ${requestedBy.name}` : "";
  return {
    id,
    script: approval.script,
    argv,
    body,
    parameters: Object.entries(approval.parameters).map(([name, value]) => [name, textOf(value)]),
    targets,
    warnings,
    collector: `${approval.site}/${approval.collector.name}`,
    initiatedBy: `${approval.initiatedBy}${asked}`,
    status,
    bindingHash,
    createdAt,
    expiresAt,
    ...(approval.incidentId === null ? {} : { incidentId: approval.incidentId }),
    ...(approval.decidedBy === null ? {} : { decidedBy: approval.decidedBy.name }),
    ...(approval.executionId === null ? {} : { executionId: approval.executionId }),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export async function approvalRegions(source: Source): Promise<Region[]> {
  const view = await loadApprovals(source);
  return [await region("approval-list", <ApprovalList view={view} />)];
}

export async function loadExecution({ ctx }: Source, executionId: string): Promise<ExecutionView> {
  const execution = await getExecution(ctx, { executionId });
  const output = await wholeOutput({ ctx }, execution);
  const { id, script, targets, status, truncated, createdAt, reason } = execution;
  return {
    id,
    script,
    collector: `${execution.site}/${execution.collector.name}`,
    targets,
    status,
    truncated,
    createdAt,
    output: output.parts,
    outputCut: output.cut,
    ...(execution.incidentId === null ? {} : { incidentId: execution.incidentId }),
    ...(execution.exitCode === null ? {} : { exitCode: execution.exitCode }),
    ...(reason === "" ? {} : { reason }),
    ...(execution.durationMs === null ? {} : { durationMs: execution.durationMs }),
  };
}

/** The end of what it wrote, as much as a page bears. */
async function wholeOutput({ ctx }: Pick<Source, "ctx">, first: Awaited<ReturnType<typeof getExecution>>) {
  const chunks = [...first.output];
  let { outputIsWhole: whole, outputNext: next } = first;
  for (let page = 1; page < OUTPUT_PAGES_MAX && !whole; page += 1) {
    const more = await getExecution(ctx, { executionId: first.id, outputAfter: next });
    chunks.push(...more.output);
    whole = more.outputIsWhole;
    next = more.outputNext;
  }
  const parts: ExecutionView["output"] = [];
  let room = OUTPUT_CHARACTERS_MAX;
  for (const { stream, text } of chunks.toReversed()) {
    if (room <= 0) return { parts: parts.toReversed(), cut: true };
    parts.push({ stream, text: text.slice(-room) });
    room -= text.length;
  }
  return { parts: parts.toReversed(), cut: room < 0 };
}

export async function executionRegions(source: Source, id: string): Promise<Region[]> {
  const view = await loadExecution(source, id);
  return Promise.all([
    region("execution-head", <ExecutionHead view={view} />),
    region("execution-output", <ExecutionOutput view={view} />),
  ]);
}

import {
  approvals,
  collectors,
  scriptExecutions,
  scriptOutput,
  scripts,
  scriptVersions,
  sites,
} from "@watchpost/db/schema";
import { and, asc, eq, gt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { type ListRuns, newestFirst } from "./newest-first.ts";
import { outputText } from "./output-text.ts";
import { type Page, pageOf } from "./paging.ts";
import type { Execution, ExecutionDetail, ExecutionStatus } from "./view.ts";

const CHUNKS_SHOWN_MAX = 500;

type ListExecutions = ListRuns<ExecutionStatus>;

/** Executions, newest first. */
export async function listExecutions(ctx: Context, input: ListExecutions = {}): Promise<Page<Execution>> {
  requirePermission(ctx, "script:read");
  const { where, order, limit, rowsMax } = newestFirst(scriptExecutions, input);
  const rows = await select(ctx).where(where).orderBy(order).limit(rowsMax);
  return pageOf(rows.map(executionOf), limit, (execution) => execution.id);
}

export interface GetExecution {
  executionId: string;
  /** Output after this index; from the start when not given. */
  outputAfter?: number | undefined;
}

export async function getExecution(ctx: Context, input: GetExecution): Promise<ExecutionDetail> {
  requirePermission(ctx, "script:read");
  const { executionId, outputAfter = -1 } = input;
  const [row] = await select(ctx).where(eq(scriptExecutions.id, executionId));
  if (!row) throw new HubError("not-found", `There is no execution ${executionId}.`);
  const chunks = await ctx.db
    .select()
    .from(scriptOutput)
    .where(and(eq(scriptOutput.executionId, executionId), gt(scriptOutput.index, outputAfter)))
    .orderBy(asc(scriptOutput.index))
    .limit(CHUNKS_SHOWN_MAX + 1);
  const output = chunks.slice(0, CHUNKS_SHOWN_MAX).map(({ index, stream, chunk }) => ({
    index,
    stream: stream === "stderr" ? ("stderr" as const) : ("stdout" as const),
    text: outputText(chunk),
  }));
  return {
    ...executionOf(row),
    output,
    outputNext: output.at(-1)?.index ?? outputAfter,
    outputIsWhole: chunks.length <= CHUNKS_SHOWN_MAX,
  };
}

function select(ctx: Context) {
  return ctx.db
    .select({
      execution: scriptExecutions,
      targets: approvals.targets,
      script: { id: scripts.id, name: scripts.name, version: scriptVersions.version },
      collector: { id: collectors.id, name: collectors.name },
      site: sites.name,
    })
    .from(scriptExecutions)
    .innerJoin(approvals, eq(approvals.id, scriptExecutions.approvalId))
    .innerJoin(scriptVersions, eq(scriptVersions.id, approvals.scriptVersionId))
    .innerJoin(scripts, eq(scripts.id, scriptVersions.scriptId))
    .innerJoin(collectors, eq(collectors.id, scriptExecutions.collectorId))
    .innerJoin(sites, eq(sites.id, collectors.siteId));
}

function executionOf(row: Awaited<ReturnType<typeof select>>[number]): Execution {
  const { signedOrder: _, collectorId: __, status, ...execution } = row.execution;
  const { script, collector, site, targets } = row;
  return { ...execution, status: status as ExecutionStatus, script, collector, site, targets };
}

import {
  IncidentHead,
  type IncidentHeadView,
  IncidentSide,
  type IncidentSideView,
  type IncidentView,
  InsightPanel,
  type InsightPanelView,
  Timeline,
  type TimelineEntryView,
  Workbench,
  type WorkbenchView,
} from "@watchpost/ui";
import type { Diagnosis } from "../../assistant/diagnosis.ts";
import { type Approval, type Execution, listApprovals, listExecutions, listScripts } from "../../automation/index.ts";
import { may } from "../../identity/index.ts";
import { getIncident, type IncidentDetail, type TimelineEntry } from "../../incident/index.ts";
import { evidenceBody } from "./evidence-body.ts";
import { faultWords } from "./fault.ts";
import { withoutTitle } from "./incident-row.ts";
import { type Region, region } from "./region.tsx";
import type { Source } from "./source.ts";
import type { TrailStep } from "./trail.ts";

const PROBLEMS_SHOWN_MAX = 12;
const TIMELINE_SHOWN_MAX = 100;
const RUNS_SHOWN_MAX = 5;
const SCRIPTS_MAX = 200;
/** An analysis that says nothing for so long has died with its hub. */
const SILENT_MS = 120_000;

export async function loadIncident(source: Source, id: string): Promise<IncidentView> {
  const { ctx } = source;
  const [detail, approvals, executions, scripts] = await Promise.all([
    getIncident(ctx, id),
    listApprovals(ctx, { incidentId: id, status: "pending" }),
    listExecutions(ctx, { incidentId: id, limit: RUNS_SHOWN_MAX }),
    listScripts(ctx, { limit: SCRIPTS_MAX }),
  ]);
  const steps = source.trail.stepsOf(id);
  const insight = insightOf(source, { detail, steps, scriptNames: new Map(scripts.items.map((s) => [s.id, s.name])) });
  return {
    head: headOf(source, detail),
    insight,
    workbench: workbenchOf(detail, insight.state === "running"),
    timeline: detail.timeline.toReversed().slice(0, TIMELINE_SHOWN_MAX).map(entryOf),
    side: sideOf(source, { detail, approvals: approvals.items, executions: executions.items }),
  };
}

function headOf(source: Source, { incident }: IncidentDetail): IncidentHeadView {
  const { id, number, title, severity, priority, status, revision } = incident;
  return {
    id,
    number,
    title,
    severity,
    priority,
    status,
    revision,
    openedAt: incident.createdAt,
    events: incident.eventCount,
    openProblems: incident.openCount,
    mayChange: may(source.role, "incident:change"),
    nowMs: source.nowMs,
    ...(incident.site === null || incident.siteId === null
      ? {}
      : { site: { id: incident.siteId, name: incident.site } }),
    ...(incident.device === null || incident.deviceId === null
      ? {}
      : { device: { id: incident.deviceId, name: incident.device } }),
    ...(incident.assignee === null ? {} : { assignee: incident.assignee.name }),
    ...(incident.resolvedAt === null ? {} : { resolvedAt: incident.resolvedAt }),
    ...(incident.silencedUntil === null || status !== "silenced" ? {} : { silencedUntil: incident.silencedUntil }),
    ...(incident.mergedInto === null ? {} : { mergedInto: incident.mergedInto }),
  };
}

interface InsightParts {
  detail: IncidentDetail;
  steps: readonly TrailStep[];
  scriptNames: ReadonlyMap<string, string>;
}

function insightOf(source: Source, { detail, steps, scriptNames }: InsightParts): InsightPanelView {
  const { diagnosis, incident } = detail;
  const startedMs = steps[0]?.atMs ?? 0;
  const shown = steps.map(({ step, text, atMs }) => ({ kind: step, text, afterMs: atMs - startedMs }));
  const state = stateOf({ diagnosis, steps, nowMs: source.nowMs });
  return {
    incidentId: incident.id,
    state,
    steps: shown,
    actions: (diagnosis?.recommended_actions ?? []).map(({ text, risk, script_id }) => {
      const name = script_id === undefined ? undefined : scriptNames.get(script_id);
      return script_id === undefined || name === undefined
        ? { text, risk }
        : { text, risk, script: { id: script_id, name } };
    }),
    ...(diagnosis ? conclusionOf(diagnosis, incident.title) : {}),
  };
}

function stateOf(parts: {
  diagnosis: Diagnosis | null;
  steps: readonly TrailStep[];
  nowMs: number;
}): InsightPanelView["state"] {
  const last = parts.steps.at(-1);
  if (last && last.step !== "finished") return parts.nowMs - last.atMs > SILENT_MS ? "failed" : "running";
  return parts.diagnosis || last ? "finished" : "none";
}

function conclusionOf(diagnosis: Diagnosis, title: string) {
  const { summary, impact, source, model, note } = diagnosis;
  return {
    conclusion: withoutTitle(summary, title),
    confidence: diagnosis.root_cause.confidence,
    impact,
    source: model === undefined ? source : `${source} (${model})`,
    durationMs: diagnosis.duration_ms,
    ...(note === undefined ? {} : { note }),
  };
}

function workbenchOf({ diagnosis, evidence }: IncidentDetail, running: boolean): WorkbenchView {
  return {
    running,
    causes: (diagnosis?.root_cause.causes ?? []).map((cause) => ({
      device: cause.device,
      fault: faultWords(cause.fault),
      score: cause.score,
      evidenceIds: cause.evidence,
      ...(cause.interface === undefined || cause.interface === "" ? {} : { interface: cause.interface }),
    })),
    evidence: evidence.map((row) => ({
      id: row.id,
      tool: row.tool,
      title: row.title,
      finding: row.finding,
      body: evidenceBody(row),
    })),
  };
}

function entryOf({ id, kind, at, text, user, details }: TimelineEntry): TimelineEntryView {
  const executionId = details["executionId"];
  return {
    id,
    kind,
    at,
    text,
    ...(user === null ? {} : { by: user.name }),
    ...(typeof executionId === "string" && /^[0-9a-f-]{36}$/.test(executionId) ? { executionId } : {}),
  };
}

interface SideParts {
  detail: IncidentDetail;
  approvals: readonly Approval[];
  executions: readonly Execution[];
}

function sideOf(source: Source, { detail, approvals, executions }: SideParts): IncidentSideView {
  const { incident, problems, timeline } = detail;
  const people = new Map(timeline.flatMap(({ user, kind }) => (user === null ? [] : [[user.name, kind] as const])));
  return {
    incidentId: incident.id,
    people: [...people].map(([name, did]) => ({ name, did: name === incident.assignee?.name ? "has it" : did })),
    problems: problems.slice(0, PROBLEMS_SHOWN_MAX).map(({ device, object, state, summary, deviceId }) => ({
      device,
      object,
      state,
      summary,
      ...(deviceId === null ? {} : { deviceId }),
    })),
    moreProblems: Math.max(0, problems.length - PROBLEMS_SHOWN_MAX),
    runs: executions.map(({ id, script, status, exitCode, createdAt }) => ({
      id,
      script: script.name,
      status,
      at: createdAt,
      ...(exitCode === null ? {} : { exitCode }),
    })),
    pending: approvals
      .filter(({ status }) => status === "pending")
      .map(({ id, script }) => ({ id, script: script.name })),
    nowMs: source.nowMs,
  };
}

export async function incidentRegions(source: Source, id: string): Promise<Region[]> {
  const view = await loadIncident(source, id);
  const comment = view.head.mayChange ? { commentOn: id } : {};
  return Promise.all([
    region("incident-head", <IncidentHead view={view.head} />),
    region("incident-insight", <InsightPanel view={view.insight} />),
    region("incident-workbench", <Workbench view={view.workbench} />),
    region("incident-timeline", <Timeline entries={view.timeline} {...comment} />),
    region("incident-side", <IncidentSide view={view.side} />),
  ]);
}

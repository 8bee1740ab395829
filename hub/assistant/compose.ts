import { severityRank } from "../incident/index.ts";
import type { Cause, Diagnosis, RecommendedAction } from "./diagnosis.ts";
import type { Evidence } from "./evidence.ts";
import { impactOf, staleness } from "./impact.ts";
import type { Subject } from "./subject.ts";
import { actionsFor, causeText, SILENT_COLLECTOR } from "./words.ts";

const FINDINGS_MAX = 40;

export interface Conclusion {
  subject: Subject;
  evidence: readonly Evidence[];
  causes: readonly Cause[];
  durationMs: number;
  /** Questions that could not be answered. */
  notes: readonly string[];
}

/** The diagnosis of the rules: whole and true without any model. */
export function composeDiagnosis({ subject, evidence, causes, durationMs, notes }: Conclusion): Diagnosis {
  const [top] = causes;
  const { text, actions } = conclusionOf(subject, top);
  const limits = [...notes, ...staleness(subject)];
  return {
    summary: summaryOf(subject, top, text),
    root_cause: { text, confidence: top?.score ?? 0, causes: [...causes] },
    impact: impactOf(subject),
    findings: evidence
      .toSorted(
        (a, b) =>
          severityRank(b.severity) - severityRank(a.severity) || a.collectedAt.getTime() - b.collectedAt.getTime(),
      )
      .slice(0, FINDINGS_MAX)
      .map((e) => ({
        source: e.tool,
        severity: e.severity,
        message: e.finding,
        evidence: [e.id],
        timestamp: e.collectedAt.toISOString(),
      })),
    recommended_actions: actions,
    tools_used: [...new Set(evidence.map((e) => e.tool))].toSorted(),
    duration_ms: Math.round(durationMs),
    source: "rules",
    ...(limits.length === 0 ? {} : { note: limits.join(" ") }),
  };
}

function conclusionOf(subject: Subject, top: Cause | undefined): { text: string; actions: RecommendedAction[] } {
  if (top && top.fault !== "unknown")
    return { text: causeText(subject.site, top), actions: actionsFor(subject.site, top) };
  if (subject.problems[0]?.kind === "collector-silent") return SILENT_COLLECTOR;
  return { text: "the evidence points to no cause", actions: top ? actionsFor(subject.site, top) : [] };
}

function summaryOf({ title, incidentId }: Subject, top: Cause | undefined, text: string): string {
  const likely = top && top.fault !== "unknown" ? `most likely ${text}` : text;
  const found = likely === text && incidentId === null ? "the evidence shows no fault" : likely;
  return /[.?!]$/.test(title) ? `${title} ${found.charAt(0).toUpperCase()}${found.slice(1)}.` : `${title}: ${found}.`;
}

import { severityRank } from "../incident/index.ts";
import type { Cause, Diagnosis } from "./diagnosis.ts";
import type { Evidence } from "./evidence.ts";
import type { Subject } from "./subject.ts";
import { listed } from "./tool/tool.ts";
import { actionsFor, causeText } from "./words.ts";

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
  const text = top ? causeText(subject.site, top) : "the evidence points to no cause";
  return {
    summary: `${subject.title}: most likely ${text}.`,
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
    recommended_actions: top ? actionsFor(subject.site, top) : [],
    tools_used: [...new Set(evidence.map((e) => e.tool))].toSorted(),
    duration_ms: Math.round(durationMs),
    source: "rules",
    ...(notes.length === 0 ? {} : { note: notes.join(" ") }),
  };
}

function impactOf({ problems, site, siteName }: Subject): string {
  const silent = [
    ...new Set(problems.filter((p) => p.kind === "device-down" && p.state === "firing").map((p) => p.device)),
  ];
  if (silent.length > 0) {
    return `${silent.length} of ${site.devices.size} devices of ${siteName} cannot be reached: ${listed(silent)}.`;
  }
  const named = [...new Set(problems.map((p) => p.device))].filter((name) => name !== "");
  return named.length === 0
    ? "No device is named."
    : `${listed(named)} concerned; every other device is reached as before.`;
}

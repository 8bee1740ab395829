import { create } from "@bufbuild/protobuf";
import { EventKind, EventState, Severity, VerdictSchema } from "@watchpost/proto";
import type { EventDraft } from "../outbox/event-draft.ts";
import type { Opinion } from "./prompt.ts";
import { BASE_SCORE } from "./score.ts";
import type { JudgedEvent } from "./triage.ts";

const SEVERITIES: Record<Opinion["severity"], Severity> = {
  info: Severity.INFO,
  warning: Severity.WARNING,
  error: Severity.ERROR,
  critical: Severity.CRITICAL,
};

export interface Told {
  seq: bigint;
  event: JudgedEvent;
}

/** The model's view beside the rules': the higher severity and score stand, the cause by topology is not touched. */
export function verdictEvent(
  told: Told,
  opinion: Opinion,
  by: { model: string; durationMs: number; nowMs: number },
): EventDraft {
  const { event, seq } = told;
  const theirs = SEVERITIES[opinion.severity];
  const raised = theirs > event.severity;
  const severity = raised ? theirs : event.severity;
  const note =
    theirs < event.severity ? `${by.model} would call it ${opinion.severity}; the rule's severity stands` : "";
  const reasons = [...event.verdict.reasons, `${by.model}: ${opinion.reason} (${opinion.cause})`, note];
  return {
    kind: EventKind.VERDICT,
    state: EventState.MOMENT,
    severity,
    device: event.device,
    object: event.object,
    fingerprint: event.fingerprint,
    observedAtMs: by.nowMs,
    summary: raised ? `${event.summary}: raised to ${opinion.severity} by ${by.model}` : event.summary,
    attributes: { cause: opinion.cause, severity_of_model: opinion.severity, severity_raised: String(raised) },
    verdict: create(VerdictSchema, {
      ...event.verdict,
      severity,
      score: raised ? Math.max(event.verdict.score, BASE_SCORE[severity]) : event.verdict.score,
      reasons: reasons.filter((reason) => reason !== ""),
      source: "ollama",
      model: by.model,
      durationMs: Math.round(by.durationMs),
    }),
    refersToSeq: seq,
  };
}

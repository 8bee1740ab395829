import type { JsonObject } from "@bufbuild/protobuf";
import type { events } from "@watchpost/db/schema";
import { type Event, EventKind, EventState, Severity, type Verdict } from "@watchpost/proto";
import { boundedText, boundedLines } from "../bounded-text.ts";
import { type SeverityName, worst } from "./incident.ts";
import type { EventSource } from "./source.ts";

export const SUMMARY_CHARACTERS_MAX = 500;
export const NAME_CHARACTERS_MAX = 253;
export const FINGERPRINT_CHARACTERS_MAX = 600;
export const ATTRIBUTES_MAX = 64;
const REASONS_MAX = 20;
const OBSERVED_AHEAD_MAX_MS = 86_400_000;
const OBSERVED_BEHIND_MAX_MS = 10 * 365 * 86_400_000;

type Row = typeof events.$inferInsert;

/** An event as it is stored: every untrusted text cut and cleaned, enums as words, times inside reason. */
export interface EventRow extends Row {
  id: string;
  siteId: string | null;
  deviceId: string | null;
  device: string;
  object: string;
  state: "firing" | "cleared" | "moment";
  severity: SeverityName;
  observedAt: Date;
  explainedBy: string;
  /** The rule's severity or the verdict's, whichever is worse. */
  effectiveSeverity: SeverityName;
  refersToSeq: number;
}

export function eventRow(event: Event, source: EventSource, nowMs: number): EventRow {
  const severity = severityName(event.severity);
  return {
    id: Bun.randomUUIDv7(),
    receivedAt: new Date(nowMs),
    observedAt: plausibleTime(Number(event.observedAtMs), nowMs),
    siteId: source.siteId,
    collectorId: source.collectorId,
    outboxEpoch: source.outboxEpoch,
    seq: event.seq === 0n ? null : Number(event.seq),
    deviceId: null,
    device: boundedText(event.device, NAME_CHARACTERS_MAX),
    object: boundedText(event.object, NAME_CHARACTERS_MAX),
    kind: kindName(event.kind),
    state: stateName(event.state),
    severity,
    fingerprint: boundedText(event.fingerprint, FINGERPRINT_CHARACTERS_MAX),
    summary: boundedText(event.summary, SUMMARY_CHARACTERS_MAX),
    attributes: attributesOf(event.attributes),
    verdict: event.verdict ? verdictJson(event.verdict) : null,
    explainedBy: boundedText(event.verdict?.explainedBy ?? "", FINGERPRINT_CHARACTERS_MAX),
    effectiveSeverity: event.verdict ? worst(severity, severityName(event.verdict.severity)) : severity,
    refersToSeq: Number(event.refersToSeq),
  };
}

/** DEVICE_DOWN -> device-down. A kind of a newer collector keeps its number. */
export function kindName(kind: EventKind): string {
  return KIND_NAMES.get(kind) ?? `kind-${kind}`;
}

const KIND_NAMES: ReadonlyMap<EventKind, string> = new Map(
  Object.values(EventKind)
    .filter((kind) => typeof kind === "number")
    .map((kind) => [kind, EventKind[kind].toLowerCase().replaceAll("_", "-")]),
);

/** An unknown or missing severity counts as info: nothing is lost, nobody is woken. */
export function severityName(severity: Severity): SeverityName {
  switch (severity) {
    case Severity.WARNING:
      return "warning";
    case Severity.ERROR:
      return "error";
    case Severity.CRITICAL:
      return "critical";
    case Severity.INFO:
    case Severity.UNSPECIFIED:
      return "info";
    default:
      return "info";
  }
}

function stateName(state: EventState): EventRow["state"] {
  switch (state) {
    case EventState.FIRING:
      return "firing";
    case EventState.CLEARED:
      return "cleared";
    case EventState.MOMENT:
    case EventState.UNSPECIFIED:
      return "moment";
    default:
      return "moment";
  }
}

/** A site's clock may be anything; what no calendar could mean becomes the time of arrival. */
export function plausibleTime(observedMs: number, nowMs: number): Date {
  const plausible = observedMs <= nowMs + OBSERVED_AHEAD_MAX_MS && observedMs >= nowMs - OBSERVED_BEHIND_MAX_MS;
  return new Date(plausible ? observedMs : nowMs);
}

/** Nearly all are within their bounds: then they are taken as they came. */
function attributesOf(attributes: Record<string, string>): Record<string, string> {
  let count = 0;
  for (const name in attributes) {
    count += 1;
    const value = attributes[name] ?? "";
    if (count > ATTRIBUTES_MAX || boundedName(name) !== name || boundedValue(value) !== value) return cut(attributes);
  }
  return attributes;
}

function cut(attributes: Record<string, string>): Record<string, string> {
  const kept = Object.entries(attributes).slice(0, ATTRIBUTES_MAX);
  return Object.fromEntries(kept.map(([name, value]) => [boundedName(name), boundedValue(value)]));
}

const boundedName = (name: string) => boundedText(name, 100);
const boundedValue = (value: string) => boundedLines(value, SUMMARY_CHARACTERS_MAX);

/** As protobuf's JSON has it, by hand: every event has one. event-row.test.ts compares the two. */
export function verdictJson(verdict: Verdict): JsonObject {
  const json: JsonObject = {};
  const { severity, score, flapping, durationMs } = verdict;
  if (severity !== Severity.UNSPECIFIED) json["severity"] = SEVERITY_JSON.get(severity) ?? severity;
  if (score !== 0 && Number.isFinite(score)) json["score"] = score;
  const reasons = verdict.reasons.slice(0, REASONS_MAX).map((reason) => boundedText(reason, SUMMARY_CHARACTERS_MAX));
  if (reasons.length > 0) json["reasons"] = reasons;
  const explainedBy = boundedText(verdict.explainedBy, FINGERPRINT_CHARACTERS_MAX);
  if (explainedBy !== "") json["explainedBy"] = explainedBy;
  if (flapping) json["flapping"] = true;
  const source = boundedText(verdict.source, 40);
  if (source !== "") json["source"] = source;
  const model = boundedText(verdict.model, 100);
  if (model !== "") json["model"] = model;
  if (durationMs !== 0) json["durationMs"] = durationMs;
  const template = boundedText(verdict.template, SUMMARY_CHARACTERS_MAX);
  if (template !== "") json["template"] = template;
  return json;
}

const SEVERITY_JSON: ReadonlyMap<Severity, string> = new Map(
  Object.values(Severity)
    .filter((severity) => typeof severity === "number")
    .map((severity) => [severity, `SEVERITY_${Severity[severity]}`]),
);

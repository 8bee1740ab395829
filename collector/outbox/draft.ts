import { create } from "@bufbuild/protobuf";
import { type Event, EventKind, EventSchema, EventState, Severity } from "@watchpost/proto";
import type { EventDraft } from "./event-draft.ts";

const NAME_CHARS_MAX = 255;
const FINGERPRINT_CHARS_MAX = 512;
const SUMMARY_CHARS_MAX = 500;
const ATTRIBUTES_MAX = 32;
const ATTRIBUTE_NAME_CHARS_MAX = 64;
const ATTRIBUTE_CHARS_MAX = 1_000;

/** The event as it travels, but for its number. Untrusted texts are cut to their lengths here. */
export function toEvent(draft: EventDraft): Event {
  const attributes = Object.entries(draft.attributes)
    .slice(0, ATTRIBUTES_MAX)
    .map(([name, value]) => [cut(name, ATTRIBUTE_NAME_CHARS_MAX), cut(value, ATTRIBUTE_CHARS_MAX)] as const);
  return create(EventSchema, {
    kind: draft.kind,
    state: draft.state,
    severity: draft.severity,
    device: cut(draft.device, NAME_CHARS_MAX),
    object: cut(draft.object, NAME_CHARS_MAX),
    fingerprint: cut(draft.fingerprint, FINGERPRINT_CHARS_MAX),
    observedAtMs: BigInt(Math.round(draft.observedAtMs)),
    summary: cut(draft.summary, SUMMARY_CHARS_MAX),
    attributes: Object.fromEntries(attributes),
    ...(draft.verdict ? { verdict: draft.verdict } : {}),
    refersToSeq: draft.refersToSeq ?? 0n,
  });
}

/** What can be given up first: 0 for info and moments, then by severity. Gap events tell of losses and stay longest. */
export function rankOf(event: Event): number {
  if (event.kind === EventKind.GAP) return Severity.CRITICAL;
  if (event.state === EventState.MOMENT || event.severity <= Severity.INFO) return 0;
  return event.severity - 1;
}

/** Cuts between characters, never inside a surrogate pair. */
function cut(text: string, charsMax: number): string {
  const well = text.toWellFormed();
  return well.length <= charsMax ? well : `${well.slice(0, charsMax - 1).toWellFormed()}…`;
}

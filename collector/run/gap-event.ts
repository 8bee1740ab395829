import { EventKind, EventState, Severity } from "@watchpost/proto";
import type { EventDraft } from "../outbox/index.ts";
import type { Gap } from "../spool/index.ts";

/** Samples that are lost are told like any other event, and never left for somebody to notice. */
export function gapEvent(gap: Gap, nowMs: number): EventDraft {
  const { id, reason, detail, fromMs, toMs, samples } = gap;
  return {
    kind: EventKind.GAP,
    state: EventState.MOMENT,
    severity: Severity.WARNING,
    device: "",
    object: "",
    fingerprint: `gap//${reason}`,
    observedAtMs: nowMs,
    summary: `${samples} samples are lost: ${detail}`,
    attributes: {
      gap_id: String(id),
      reason,
      from_ms: String(fromMs),
      to_ms: String(toMs),
      samples: String(samples),
    },
  };
}

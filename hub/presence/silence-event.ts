import { boundedText } from "../bounded-text.ts";
import { type EventRow, SUMMARY_CHARACTERS_MAX } from "../incident/index.ts";

export interface KnownCollector {
  id: string;
  name: string;
  siteId: string;
  site: string;
  lastSeenAt: Date;
}

export function silenceFingerprint(collectorId: string): string {
  return `collector-silent/${collectorId}`;
}

export type Silence =
  | { state: "firing" }
  /** Why it is over, in words. */
  | { state: "cleared"; because: string };

/** A site without its collector has nobody who watches it, so this is critical; its time is the last word heard. */
export function silenceRow(collector: KnownCollector, silence: Silence, nowMs: number): EventRow {
  const { id, name, site, siteId, lastSeenAt } = collector;
  const who = `${name} at ${site}`;
  const firing = silence.state === "firing";
  return {
    id: Bun.randomUUIDv7(),
    receivedAt: new Date(nowMs),
    // Never the time of a last word: the time of the event tells which silence a person has ended.
    observedAt: firing ? lastSeenAt : new Date(Math.max(nowMs, lastSeenAt.getTime() + 1)),
    siteId,
    collectorId: null,
    outboxEpoch: "",
    seq: null,
    deviceId: null,
    device: "",
    object: "",
    kind: "collector-silent",
    state: silence.state,
    severity: "critical",
    fingerprint: silenceFingerprint(id),
    summary: boundedText(firing ? `${who} has lost the hub` : `${who} ${silence.because}`, SUMMARY_CHARACTERS_MAX),
    attributes: { collector: name, last_seen: lastSeenAt.toISOString() },
    verdict: null,
    explainedBy: "",
    effectiveSeverity: "critical",
    refersToSeq: 0,
  };
}

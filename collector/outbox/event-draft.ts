import type { EventKind, EventState, Severity, Verdict } from "@watchpost/proto";

/** An event before the outbox gives it its sequence number: what rule/ makes and triage/ judges. */
export interface EventDraft {
  kind: EventKind;
  state: EventState;
  severity: Severity;
  /** Empty for the collector itself. */
  device: string;
  object: string;
  /** kind/device/object[/rule]: one problem, one fingerprint, from start to end. */
  fingerprint: string;
  observedAtMs: number;
  summary: string;
  attributes: Record<string, string>;
  verdict?: Verdict;
  refersToSeq?: bigint;
}

/** Where judged events go. Resolves with the sequence number once the event is durable. */
export interface EventSink {
  append(event: EventDraft): Promise<bigint>;
}

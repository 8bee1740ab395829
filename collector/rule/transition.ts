import { EventState } from "@watchpost/proto";
import type { EventDraft } from "../outbox/event-draft.ts";
import type { Condition, Finding } from "./finding.ts";
import { fingerprintOf } from "./kind.ts";
import type { DeviceMemory, Firing } from "./memory.ts";

/** A change worth telling: the event, and what it does to the memory. */
export interface Transition {
  draft: EventDraft;
  /** Returns the way back, for when the event could not be kept. */
  apply(memory: DeviceMemory): () => void;
}

const nothing = (): void => undefined;

/** Findings that change nothing give nothing: what fires already is told again only when it got more severe. */
export function transitionOf(
  finding: Finding,
  device: string,
  at: { memory: DeviceMemory; atMs: number },
): Transition | undefined {
  switch (finding.kind) {
    case "moment":
      return { draft: draftOf(finding.condition, device, at.atMs, EventState.MOMENT), apply: () => nothing };
    case "stands": {
      const draft = draftOf(finding.condition, device, at.atMs, EventState.FIRING);
      const firing = at.memory.firing.get(draft.fingerprint);
      if (firing && firing.severity >= draft.severity) return undefined;
      return { draft, apply: (memory) => remember(memory, draft, finding.condition, firing?.sinceMs ?? at.atMs) };
    }
    case "ended": {
      const firing = at.memory.firing.get(finding.fingerprint);
      return firing && cleared(firing, device, { summary: finding.summary, atMs: at.atMs });
    }
  }
}

export function cleared(firing: Firing, device: string, end: { summary: string; atMs: number }): Transition {
  const { fingerprint, kind, object, severity, attributes } = firing;
  return {
    draft: {
      kind,
      state: EventState.CLEARED,
      severity,
      device,
      object,
      fingerprint,
      observedAtMs: end.atMs,
      summary: end.summary,
      attributes: { ...attributes, since_ms: String(firing.sinceMs), lasted_ms: String(end.atMs - firing.sinceMs) },
    },
    apply(memory) {
      memory.firing.delete(fingerprint);
      memory.judgedMs.delete(fingerprint);
      memory.dirty = true;
      return () => void memory.firing.set(fingerprint, firing);
    },
  };
}

function remember(memory: DeviceMemory, draft: EventDraft, condition: Condition, sinceMs: number): () => void {
  const { fingerprint, kind, object, severity, summary, attributes } = draft;
  const before = memory.firing.get(fingerprint);
  const rule = condition.rule === undefined ? {} : { rule: condition.rule };
  memory.firing.set(fingerprint, { fingerprint, kind, object, ...rule, severity, sinceMs, summary, attributes });
  memory.dirty = true;
  return () => {
    if (before) memory.firing.set(fingerprint, before);
    else memory.firing.delete(fingerprint);
  };
}

function draftOf(condition: Condition, device: string, atMs: number, state: EventState): EventDraft {
  const { kind, object, rule, severity, summary, attributes } = condition;
  const fingerprint = fingerprintOf({ kind, device, object, ...(rule === undefined ? {} : { rule }) });
  return { kind, state, severity, device, object, fingerprint, observedAtMs: atMs, summary, attributes };
}

import { EventState } from "@watchpost/proto";
import type { EventDraft } from "../outbox/event-draft.ts";

/** A moment told less than this ago is folded into the next one that is told. */
const REPEAT_MS = 60_000;
const FLAP_WINDOW_MS = 30 * 60_000;
const FLAP_STARTS = 4;
const FINGERPRINTS_MAX = 10_000;

interface Trace {
  /** When the problem began, newest last. */
  startsMs: number[];
  toldMs: number;
  folded: number;
}

export type Noted =
  | { kind: "folded"; times: number }
  | { kind: "new"; startsInWindow: number; flapping: boolean; foldedBefore: number };

/** What was told lately, by fingerprint; the least recently told is forgotten first. */
export class History {
  readonly #traces = new Map<string, Trace>();

  note({ fingerprint, state, observedAtMs: atMs }: EventDraft): Noted {
    const known = this.#traces.get(fingerprint);
    const trace: Trace = known ?? { startsMs: [], toldMs: Number.NEGATIVE_INFINITY, folded: 0 };
    if (state === EventState.MOMENT && atMs - trace.toldMs < REPEAT_MS) {
      trace.folded += 1;
      return { kind: "folded", times: trace.folded };
    }
    const foldedBefore = trace.folded;
    trace.folded = 0;
    trace.toldMs = atMs;
    trace.startsMs = trace.startsMs.filter((ms) => atMs - ms < FLAP_WINDOW_MS).slice(-FLAP_STARTS * 4);
    if (state === EventState.FIRING) trace.startsMs.push(atMs);
    this.#traces.delete(fingerprint);
    this.#traces.set(fingerprint, trace);
    this.#forgetOldest();
    const startsInWindow = trace.startsMs.length;
    return { kind: "new", startsInWindow, flapping: startsInWindow >= FLAP_STARTS, foldedBefore };
  }

  #forgetOldest(): void {
    if (this.#traces.size <= FINGERPRINTS_MAX) return;
    const [oldest] = this.#traces.keys();
    if (oldest !== undefined) this.#traces.delete(oldest);
  }
}

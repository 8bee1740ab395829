import type { Opinion } from "./prompt.ts";
import type { JudgedEvent } from "./triage.ts";

const ENTRIES_MAX = 500;
const KEPT_MS = 10 * 60_000;

/** Opinions by the shape of their event: a storm of one template asks once. */
export class OpinionCache {
  readonly #entries = new Map<string, { opinion: Opinion; atMs: number }>();

  get(event: JudgedEvent, nowMs: number): Opinion | undefined {
    const entry = this.#entries.get(keyOf(event));
    return entry && nowMs - entry.atMs < KEPT_MS ? entry.opinion : undefined;
  }

  put(event: JudgedEvent, opinion: Opinion, nowMs: number): void {
    this.#entries.delete(keyOf(event));
    this.#entries.set(keyOf(event), { opinion, atMs: nowMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > ENTRIES_MAX && oldest !== undefined) this.#entries.delete(oldest);
  }
}

function keyOf({ kind, severity, verdict }: JudgedEvent): string {
  return `${kind} ${severity} ${verdict.explainedBy === "" ? "cause" : "effect"} ${verdict.template}`;
}

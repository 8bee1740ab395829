import type { TimerClock } from "../device/clock.ts";
import type { Planned } from "./plan.ts";

const NAMES_MAX = 100;
/** The worst lateness is told for one such span and the one before it. */
const SPAN_MS = 30_000;

/** Which turns were missed and why, and how late the others began. */
export class Punctuality {
  /** Turns missed because the poll before took too long. */
  overruns = 0;
  /** Turns missed because the device waited for room among the polls under way. */
  crowded = 0;
  readonly #overrunning = new Set<string>();
  readonly #clock: Pick<TimerClock, "monotonicMs">;
  #spanFromMs: number;
  #worstMs = 0;
  #worstBeforeMs = 0;

  constructor(clock: Pick<TimerClock, "monotonicMs">) {
    this.#clock = clock;
    this.#spanFromMs = clock.monotonicMs();
  }

  /** Devices whose last poll took longer than their interval. */
  get overrunning(): ReadonlySet<string> {
    return this.#overrunning;
  }

  /** The worst lateness of a turn that began within the last minute. */
  get latestMs(): number {
    this.#turnSpan();
    return Math.max(this.#worstMs, this.#worstBeforeMs);
  }

  noteBegin(lateMs: number): void {
    this.#turnSpan();
    this.#worstMs = Math.max(this.#worstMs, lateMs);
  }

  /** After a poll: `missed` turns have passed since the one it was for. */
  noteEnd({ device, intervalMs, startedMs }: Planned, missed: number): void {
    const { name } = device;
    const own = Math.min(missed, Math.floor((this.#clock.monotonicMs() - startedMs) / intervalMs));
    this.overruns += own;
    this.crowded += missed - own;
    if (own === 0) this.#overrunning.delete(name);
    else if (this.#overrunning.size < NAMES_MAX) this.#overrunning.add(name);
  }

  forget(device: string): void {
    this.#overrunning.delete(device);
  }

  #turnSpan(): void {
    const pastMs = this.#clock.monotonicMs() - this.#spanFromMs;
    if (pastMs < SPAN_MS) return;
    this.#worstBeforeMs = pastMs < 2 * SPAN_MS ? this.#worstMs : 0;
    this.#worstMs = 0;
    this.#spanFromMs += Math.floor(pastMs / SPAN_MS) * SPAN_MS;
  }
}

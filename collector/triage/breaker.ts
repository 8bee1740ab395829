import type { Clock } from "../clock.ts";
const FAILURES_TO_OPEN = 3;
const PAUSE_MS_MIN = 15_000;
const PAUSE_MS_MAX = 5 * 60_000;

/** Stops asking a model that fails, and tries one question again after a pause that doubles. */
export class Breaker {
  readonly #clock: Pick<Clock, "nowMs">;
  #failures = 0;
  #openUntilMs = 0;
  #pauseMs = PAUSE_MS_MIN;

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  isOpen(): boolean {
    return this.#clock.nowMs() < this.#openUntilMs;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pauseMs = PAUSE_MS_MIN;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures < FAILURES_TO_OPEN) return;
    this.#openUntilMs = this.#clock.nowMs() + this.#pauseMs;
    this.#pauseMs = Math.min(PAUSE_MS_MAX, this.#pauseMs * 2);
  }
}

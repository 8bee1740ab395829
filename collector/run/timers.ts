import type { TimerClock } from "../clock.ts";

/** Work for later that ends with its owner. */
export class Timers {
  readonly #clock: Pick<TimerClock, "after">;
  readonly #pending = new Set<() => void>();

  constructor(clock: Pick<TimerClock, "after">) {
    this.#clock = clock;
  }

  later(delayMs: number, work: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#pending.delete(cancel);
      work();
    });
    this.#pending.add(cancel);
  }

  cancelAll(): void {
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
  }
}

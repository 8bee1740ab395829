import type { TimerClock } from "../device/clock.ts";

/** How much may be sent at one go after a pause, as a share of a second. */
const BURST_SECONDS = 0.05;
const WAITING_MAX = 20_000;

/** Lets packets go at a steady pace: never more than `packetsPerSecond`, beyond a burst of a twentieth of a second. */
export class Pacer {
  sent = 0;
  readonly #clock: TimerClock;
  readonly #perMs: number;
  readonly #burst: number;
  readonly #waiting: (() => void)[] = [];
  #tokens: number;
  #filledAtMs: number;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: TimerClock, packetsPerSecond: number) {
    this.#clock = clock;
    this.#perMs = packetsPerSecond / 1_000;
    this.#burst = Math.max(1, packetsPerSecond * BURST_SECONDS);
    this.#tokens = 1;
    this.#filledAtMs = clock.monotonicMs();
  }

  /** Runs `send` when its turn comes. False when too many wait: nothing will be sent. */
  go(send: () => void): boolean {
    if (this.#waiting.length >= WAITING_MAX) return false;
    this.#waiting.push(send);
    this.#release();
    return true;
  }

  /** Forgets what waits. */
  stop(): void {
    this.#waiting.length = 0;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #release(): void {
    if (this.#cancelTimer) return;
    const nowMs = this.#clock.monotonicMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs);
    this.#filledAtMs = nowMs;
    while (this.#tokens >= 1) {
      const send = this.#waiting.shift();
      if (!send) return;
      this.#tokens -= 1;
      this.sent += 1;
      send();
    }
    if (this.#waiting.length === 0) return;
    this.#cancelTimer = this.#clock.after(Math.ceil((1 - this.#tokens) / this.#perMs), () => {
      this.#cancelTimer = undefined;
      this.#release();
    });
  }
}

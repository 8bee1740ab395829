/**
 * A count whose rate climbs evenly to `perSecond` and stays there until it is stopped; what was counted remains. It
 * stands still while nothing arrives that could be counted.
 */
export class Ramp {
  #counted = 0;
  #run: { fromMs: number; perSecond: number; climbSeconds: number } | undefined;
  #heldAtMs: number | undefined;

  start(options: { nowMs: number; perSecond: number; climbSeconds: number }): void {
    this.stop(options.nowMs);
    this.#run = { fromMs: options.nowMs, perSecond: options.perSecond, climbSeconds: options.climbSeconds };
    if (this.#heldAtMs !== undefined) this.#heldAtMs = options.nowMs;
  }

  stop(nowMs: number): void {
    this.#counted = this.total(nowMs);
    this.#run = undefined;
  }

  /** Holds the count while the link is down; it goes on from there. */
  run(running: boolean, nowMs: number): void {
    if (running === (this.#heldAtMs === undefined)) return;
    if (this.#run && this.#heldAtMs !== undefined) this.#run.fromMs += nowMs - this.#heldAtMs;
    this.#heldAtMs = running ? undefined : nowMs;
  }

  total(nowMs: number): number {
    if (!this.#run) return this.#counted;
    const { fromMs, perSecond, climbSeconds } = this.#run;
    const seconds = Math.max(0, ((this.#heldAtMs ?? nowMs) - fromMs) / 1_000);
    const climbing = Math.min(seconds, climbSeconds);
    const climbed = climbSeconds > 0 ? (perSecond * climbing * climbing) / (2 * climbSeconds) : 0;
    return this.#counted + climbed + perSecond * (seconds - climbing);
  }
}

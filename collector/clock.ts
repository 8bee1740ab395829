/** Time as the collector sees it. Passed in wherever logic depends on it. */
export interface Clock {
  /** Wall clock of the site, Unix milliseconds. May step either way. */
  nowMs(): number;
  /** Never steps; for durations and deadlines. */
  monotonicMs(): number;
}

/** A clock that also rings: what has time-outs and schedules needs both. */
export interface TimerClock extends Clock {
  /** Runs `run` once after the delay; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

export const systemTimerClock: TimerClock = {
  ...systemClock,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

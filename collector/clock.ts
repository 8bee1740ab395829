/** Time as the collector sees it. Passed in wherever logic depends on it. */
export interface Clock {
  /** Wall clock of the site, Unix milliseconds. May step either way. */
  nowMs(): number;
  /** Never steps; for durations and deadlines. */
  monotonicMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

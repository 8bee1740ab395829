/** Time as the collector's rooms get it: passed in, so that tests own it. */
export interface Clock {
  /** Wall clock, Unix milliseconds: what a sample carries. */
  nowMs(): number;
  /** Never jumps: what durations and deadlines are measured with. */
  steadyMs(): number;
  /** Runs `run` once after the delay; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

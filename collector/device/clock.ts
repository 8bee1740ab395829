import { type Clock, systemClock } from "../clock.ts";

/** A clock that also rings: what has time-outs and schedules needs both. */
export interface TimerClock extends Clock {
  /** Runs `run` once after the delay; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemTimerClock: TimerClock = {
  ...systemClock,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

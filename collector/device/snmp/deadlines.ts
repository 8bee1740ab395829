import type { TimerClock } from "../clock.ts";

/** Ids of one time-out, in the order they were sent in, which is the order they are due in. */
interface Line {
  ids: number[];
  dueMs: number[];
  /** The first that still waits. */
  head: number;
  isArmed: boolean;
  cancel: () => void;
}

const COMPACT_AT = 1_024;

/**
 * Time-outs of everything under way. A timer a request costs more than the request's own decoding; here a request costs
 * two numbers in a line, and each line has one timer, set for the first id that is still waited for.
 */
export class Deadlines {
  readonly #lines = new Map<number, Line>();
  readonly #clock: TimerClock;
  readonly #isWaiting: (id: number) => boolean;
  readonly #expire: (id: number) => void;

  constructor(options: { clock: TimerClock; isWaiting: (id: number) => boolean; expire: (id: number) => void }) {
    this.#clock = options.clock;
    this.#isWaiting = options.isWaiting;
    this.#expire = options.expire;
  }

  /** Gives the time it is now. */
  add(id: number, timeoutMs: number): number {
    let line = this.#lines.get(timeoutMs);
    if (!line) {
      line = { ids: [], dueMs: [], head: 0, isArmed: false, cancel: () => undefined };
      this.#lines.set(timeoutMs, line);
    }
    line.ids.push(id);
    const nowMs = this.#clock.monotonicMs();
    line.dueMs.push(nowMs + timeoutMs);
    if (!line.isArmed) this.#arm(line, timeoutMs);
    return nowMs;
  }

  #arm(line: Line, delayMs: number): void {
    line.isArmed = true;
    line.cancel = this.#clock.after(Math.max(0, delayMs), () => this.#ring(line));
  }

  /** Nothing expires any more. */
  close(): void {
    for (const line of this.#lines.values()) line.cancel();
    this.#lines.clear();
  }

  #ring(line: Line): void {
    const nowMs = this.#clock.monotonicMs();
    // What expires may add to the line: only what stood in it at the ring is looked at.
    for (const { length } = line.ids; line.head < length; ) {
      const id = line.ids[line.head] as number;
      const isLate = (line.dueMs[line.head] as number) <= nowMs;
      if (!isLate && this.#isWaiting(id)) break;
      line.head += 1;
      if (isLate && this.#isWaiting(id)) this.#expire(id);
    }
    compact(line);
    // Only now may the timer be set anew: for the first that waits, not for what expiring just added.
    line.isArmed = false;
    if (line.head < line.ids.length) this.#arm(line, (line.dueMs[line.head] as number) - nowMs);
  }
}

function compact(line: Line): void {
  if (line.head < COMPACT_AT && line.head < line.ids.length) return;
  line.ids.splice(0, line.head);
  line.dueMs.splice(0, line.head);
  line.head = 0;
}

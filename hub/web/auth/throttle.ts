import type { Clock } from "../../context.ts";

const ADDRESSES_MAX = 10_000;

export interface Throttle {
  /** Counts one try. Undefined: go on; else seconds until the next is taken. */
  take(key: string): number | undefined;
}

/** A fixed number of tries a window and key, in bounded memory: the oldest windows are forgotten first. */
export function createThrottle(options: { clock: Clock; triesMax: number; windowMs: number }): Throttle {
  const windows = new Map<string, { startedMs: number; tries: number }>();
  return {
    take(key) {
      const nowMs = options.clock.nowMs();
      const known = windows.get(key);
      if (!known || nowMs - known.startedMs >= options.windowMs) {
        windows.delete(key);
        const oldest = windows.size >= ADDRESSES_MAX ? windows.keys().next() : undefined;
        if (oldest && !oldest.done) windows.delete(oldest.value);
        windows.set(key, { startedMs: nowMs, tries: 1 });
        return undefined;
      }
      known.tries += 1;
      if (known.tries <= options.triesMax) return undefined;
      return Math.ceil((known.startedMs + options.windowMs - nowMs) / 1_000);
    },
  };
}

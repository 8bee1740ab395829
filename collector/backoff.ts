export interface BackoffOptions {
  firstMs: number;
  capMs: number;
  /** From 0 up to 1, as Math.random. */
  random: () => number;
}

export interface Backoff {
  /** How long to wait before the next try: at least half of a window that doubles up to the cap. */
  nextMs(): number;
  reset(): void;
}

/** Jittered exponential backoff: many collectors that lost one hub do not come back in step. */
export function createBackoff(options: BackoffOptions): Backoff {
  let windowMs = options.firstMs;
  return {
    nextMs() {
      const waitMs = windowMs / 2 + (options.random() * windowMs) / 2;
      windowMs = Math.min(options.capMs, windowMs * 2);
      return Math.round(waitMs);
    },
    reset() {
      windowMs = options.firstMs;
    },
  };
}

const SOURCES_MAX = 10_000;
/** A burst of this many seconds' worth passes: a device that restarts says much at once. */
const BURST_SECONDS = 4;

interface Bucket {
  tokens: number;
  filledMs: number;
}

/** How much one source may say. The sources heard least recently are forgotten first. */
export class SourceLimit {
  readonly #perSecondMax: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecondMax: number) {
    this.#perSecondMax = perSecondMax;
  }

  /** Takes one message's worth; false when the source has said too much. */
  allows(source: string, nowMs: number): boolean {
    const full = this.#perSecondMax * BURST_SECONDS;
    let bucket = this.#buckets.get(source);
    if (!bucket) {
      bucket = { tokens: full, filledMs: nowMs };
      this.#remember(source, bucket);
    }
    const gained = ((nowMs - bucket.filledMs) / 1_000) * this.#perSecondMax;
    bucket.tokens = Math.min(full, bucket.tokens + gained);
    bucket.filledMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #remember(source: string, bucket: Bucket): void {
    this.#buckets.set(source, bucket);
    if (this.#buckets.size <= SOURCES_MAX) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

import { HEARTBEAT_INTERVAL_MS } from "./heartbeat.ts";

const SILENCE_MAX_MS = 3 * HEARTBEAT_INTERVAL_MS;
const CHECK_MS_MAX = 1_000;
const CHECKS_A_SILENCE = 10;

/** A stream that has to say something now and then. */
export interface Watched {
  /** When it was last heard, by performance.now(); infinite while what it said is worked on. */
  readonly heardAtMs: number;
  silent(silenceMaxMs: number): void;
}

/** Tells streams that nothing came from them for too long. One timer looks after all, a tenth of the time late at most. */
export class SilenceWatch {
  readonly #silenceMaxMs: number;
  readonly #watched = new Set<Watched>();
  readonly #timer: Timer;

  constructor(silenceMaxMs = SILENCE_MAX_MS) {
    this.#silenceMaxMs = silenceMaxMs;
    this.#timer = setInterval(() => this.#check(), Math.min(CHECK_MS_MAX, silenceMaxMs / CHECKS_A_SILENCE));
    this.#timer.unref();
  }

  add(stream: Watched): void {
    this.#watched.add(stream);
  }

  remove(stream: Watched): void {
    this.#watched.delete(stream);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const heardFromMs = performance.now() - this.#silenceMaxMs;
    for (const stream of this.#watched) if (stream.heardAtMs < heardFromMs) stream.silent(this.#silenceMaxMs);
  }
}

/** RFC 3414: a message may be this old. */
export const TIME_WINDOW_SECONDS = 150;
const BOOTS_MAX = 0x7fff_ffff;
const ENGINES_MAX = 10_000;
/** An agent that lost its boots (new flash, same address) is heard again after this silence; until then it looks replayed. */
const FORGOTTEN_MS = 15 * 60_000;

interface Clock {
  boots: number;
  time: number;
  heardMs: number;
}

/** What time it is at engines that send traps, so that a recorded trap cannot be played again. */
export class EngineTimes {
  readonly #clocks = new Map<string, Clock>();

  /** Engines are told apart by address too: some makers give all their devices one engine id. */
  accepts(engine: string, { boots, time }: { boots: number; time: number }, nowMs: number): boolean {
    if (boots >= BOOTS_MAX) return false;
    const known = this.#clocks.get(engine);
    if (known && nowMs - known.heardMs < FORGOTTEN_MS) {
      const expected = known.time + Math.floor((nowMs - known.heardMs) / 1_000);
      if (boots < known.boots) return false;
      if (boots === known.boots && time < expected - TIME_WINDOW_SECONDS) return false;
      if (boots === known.boots && time <= known.time) return true;
    }
    this.#clocks.delete(engine);
    this.#clocks.set(engine, { boots, time, heardMs: nowMs });
    if (this.#clocks.size > ENGINES_MAX)
      for (const oldest of this.#clocks.keys()) if (this.#clocks.delete(oldest)) break;
    return true;
  }
}

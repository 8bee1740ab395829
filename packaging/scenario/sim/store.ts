import type { Sent, Way } from "../../../collector/remote-write/index.ts";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const ANSWER_MS_MAX = 900;
/** What a store that is killed has not written yet. */
const UNWRITTEN_MS = 10_000;
const AWAY_STORED_SHARE = 0.5;

/** A store that takes, refuses, is away, or whose answer is lost; when it is killed it forgets what it had last. */
export class SimulatedStore {
  awayUntilMs = 0;
  /** Nothing goes wrong any more. */
  isCalm = false;
  readonly #world: World;
  readonly #random: Random;
  readonly #ledger: Ledger;
  #startS = 1;
  #unwritten: { atMs: number; values: number[] }[] = [];

  constructor(world: World, random: Random, ledger: Ledger) {
    this.#world = world;
    this.#random = random;
    this.#ledger = ledger;
  }

  wayOf(owner: string): Way {
    return {
      takesZstd: () => Promise.resolve(false),
      send: ({ batches }) => {
        const values = batches.flatMap((batch) => [...batch.values]);
        return new Promise((resolve) => {
          this.#world.after(this.#random.between(5, ANSWER_MS_MAX), () => resolve(this.#answer(values)), owner);
        });
      },
    };
  }

  kill(): void {
    this.#startS += 1;
    for (const { atMs, values } of this.#unwritten) {
      // Sent again, because nobody knows what it lost: when there is no room for them, they count as lost.
      for (const value of values) this.#ledger.unsureSamples.add(value);
      if (this.#world.nowMs - atMs > UNWRITTEN_MS) continue;
      for (const value of values) this.#ledger.deliveredSamples.delete(value);
    }
    this.#unwritten = [];
  }

  #answer(values: number[]): Sent {
    const noAnswer: Sent = { kind: "not-now", reason: "no answer", mayBeStored: true, storeGone: true };
    if (this.isCalm) return this.#store(values);
    if (this.#world.nowMs < this.awayUntilMs) {
      if (this.#random.chance(AWAY_STORED_SHARE)) this.#store(values);
      return noAnswer;
    }
    const luck = this.#random.next();
    if (luck < 0.7) return this.#store(values);
    if (luck < 0.8) {
      this.#store(values);
      return noAnswer;
    }
    const isNew = !values.some((value) => this.#ledger.deliveredSamples.has(value));
    if (luck < 0.83 && isNew) return { kind: "rejected", reason: "400" };
    if (luck < 0.9) return { kind: "not-now", reason: "429", mayBeStored: false, storeGone: false };
    return noAnswer;
  }

  #store(values: number[]): Sent {
    for (const value of values) this.#ledger.deliveredSamples.add(value);
    this.#unwritten.push({ atMs: this.#world.nowMs, values });
    if (this.#unwritten.length > 1_000) this.#unwritten.shift();
    return { kind: "delivered", storeStartS: this.#startS };
  }
}

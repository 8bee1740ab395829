import { between, type Random } from "../topology/index.ts";

/** A reading that wanders between two limits: CPU load, a temperature, a fan's speed. A formula of time. */
export class Level {
  readonly #middle: number;
  readonly #swing: number;
  readonly #waves: { radiansPerMs: number; phase: number }[];

  constructor(random: Random, low: number, high: number) {
    this.#middle = (low + high) / 2;
    this.#swing = (high - low) / 2;
    this.#waves = [between(random, 1_500, 5_400), between(random, 120, 400), between(random, 20, 60)].map(
      (seconds) => ({
        radiansPerMs: (2 * Math.PI) / (seconds * 1_000),
        phase: between(random, 0, 2 * Math.PI),
      }),
    );
  }

  at(nowMs: number): number {
    let sum = 0;
    for (const { radiansPerMs, phase } of this.#waves) sum += Math.sin(radiansPerMs * nowMs + phase);
    return this.#middle + (this.#swing * sum) / this.#waves.length;
  }
}

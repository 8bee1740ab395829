const SWEEP_MIN = 256;

/** One object for all that say the same, for as long as anybody holds it. */
export class Interned<T extends object> {
  readonly #known = new Map<string, WeakRef<T>>();
  #sweepAt = SWEEP_MIN;

  /** The object known by this key, or else this one. */
  of(key: string, made: T): T {
    const known = this.#known.get(key)?.deref();
    if (known) return known;
    this.#known.set(key, new WeakRef(made));
    if (this.#known.size >= this.#sweepAt) this.#sweep();
    return made;
  }

  #sweep(): void {
    for (const [key, ref] of this.#known) if (!ref.deref()) this.#known.delete(key);
    this.#sweepAt = Math.max(SWEEP_MIN, 2 * this.#known.size);
  }
}

/** A bounded map that forgets what was not asked for of late: what is common stays, however much passes by that is not. */
export class Recently<V> {
  readonly #max: number;
  #now = new Map<string, V>();
  #before = new Map<string, V>();

  /** Holds between `max` and twice as many. */
  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): V | undefined {
    const known = this.#now.get(key);
    if (known !== undefined) return known;
    const old = this.#before.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#now.size >= this.#max) {
      this.#before = this.#now;
      this.#now = new Map();
    }
    this.#now.set(key, value);
  }
}

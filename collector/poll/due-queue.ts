/** A binary heap of who is due when; the earliest first. */
export class DueQueue<T> {
  readonly #items: { dueMs: number; value: T }[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** When the first is due; undefined when nobody waits. */
  get nextMs(): number | undefined {
    return this.#items[0]?.dueMs;
  }

  push(dueMs: number, value: T): void {
    const items = this.#items;
    let at = items.length;
    items.push({ dueMs, value });
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isEarlier(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes the first when it is due by `untilMs`. */
  popDue(untilMs: number): { dueMs: number; value: T } | undefined {
    const items = this.#items;
    const [first] = items;
    if (!first || first.dueMs > untilMs) return undefined;
    const last = items.pop();
    if (last && items.length > 0) {
      items[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    const { length } = this.#items;
    let at = 0;
    // Each turn goes one level down.
    while (at < length) {
      const left = at * 2 + 1;
      const right = left + 1;
      const least = right < length && this.#isEarlier(right, left) ? right : left;
      if (left >= length || !this.#isEarlier(least, at)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    return (this.#items[a]?.dueMs ?? 0) < (this.#items[b]?.dueMs ?? 0);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#items[a], this.#items[b]];
    if (!first || !second) return;
    this.#items[a] = second;
    this.#items[b] = first;
  }
}

/** Sets that grow together: each item belongs to one, and knows it. */
export class Groups<T> {
  readonly #groupOf = new Map<T, T[]>();

  constructor(items: readonly T[]) {
    for (const item of items) this.#groupOf.set(item, [item]);
  }

  of(item: T): readonly T[] {
    return this.#groupOf.get(item) ?? [item];
  }

  join(a: T, b: T): void {
    const left = this.#groupOf.get(a);
    const right = this.#groupOf.get(b);
    if (!left || !right || left === right) return;
    const [small, large] = left.length < right.length ? [left, right] : [right, left];
    large.push(...small);
    for (const item of small) this.#groupOf.set(item, large);
  }

  all(): T[][] {
    return [...new Set(this.#groupOf.values())];
  }
}

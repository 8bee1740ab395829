const REMEMBERED_MS = 30_000;
const INFORMS_MAX = 8_192;

/** Informs of the last seconds: one that comes again gets the same answer and is not counted twice. */
export class RecentInforms {
  readonly #informs = new Map<string, { durable: Promise<boolean>; atMs: number }>();

  find(key: string, nowMs: number): Promise<boolean> | undefined {
    const known = this.#informs.get(key);
    return known && nowMs - known.atMs < REMEMBERED_MS ? known.durable : undefined;
  }

  note(key: string, durable: Promise<boolean>, atMs: number): void {
    this.#informs.delete(key);
    this.#informs.set(key, { durable, atMs });
    if (this.#informs.size > INFORMS_MAX)
      for (const oldest of this.#informs.keys()) if (this.#informs.delete(oldest)) break;
    // What was lost may come again and be kept then.
    void durable.then((isDurable) => isDurable || this.#informs.delete(key));
  }
}

/**
 * Work that is asked for while the same work is under way waits for it, and is then done together: alone it starts at
 * once, and thousands who ask in one moment are a few rounds. Of one key only the newest item counts.
 */
export class Gather<Item> {
  readonly #work: (items: ReadonlyMap<string, Item>) => Promise<void>;
  readonly #itemsMax: number;
  /** Rounds that wait, oldest first. */
  readonly #rounds: Round<Item>[] = [];
  #running = false;

  constructor(itemsMax: number, work: (items: ReadonlyMap<string, Item>) => Promise<void>) {
    this.#itemsMax = itemsMax;
    this.#work = work;
  }

  /** Resolves when the item's round is done, or rejects as that failed. */
  add(key: string, item: Item): Promise<void> {
    const round = this.#roundFor(key);
    round.items.set(key, item);
    if (!this.#running) void this.#run();
    return round.done.promise;
  }

  #roundFor(key: string): Round<Item> {
    const known = this.#rounds.find(({ items }) => items.has(key)) ?? this.#rounds.at(-1);
    if (known && (known.items.has(key) || known.items.size < this.#itemsMax)) return known;
    const made: Round<Item> = { items: new Map(), done: Promise.withResolvers() };
    this.#rounds.push(made);
    return made;
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let round = this.#rounds.shift(); round; round = this.#rounds.shift()) {
      await this.#work(round.items).then(round.done.resolve, round.done.reject);
    }
    this.#running = false;
  }
}

interface Round<Item> {
  items: Map<string, Item>;
  done: PromiseWithResolvers<void>;
}

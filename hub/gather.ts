/**
 * Work that is asked for while the same work is under way waits for it, and is then done together: alone it starts at
 * once, and thousands who ask in one moment are a few rounds. Of one key only the newest item counts.
 */
export class Gather<Item, Result> {
  readonly #work: Work<Item, Result>;
  readonly #itemsMax: number;
  /** Rounds that wait, oldest first. */
  readonly #rounds: Round<Item, Result>[] = [];
  #running = false;

  constructor(itemsMax: number, work: Work<Item, Result>) {
    this.#itemsMax = itemsMax;
    this.#work = work;
  }

  /** What the item's round found for its key, or the failure of that round. */
  async add(key: string, item: Item): Promise<Result | undefined> {
    const round = this.#roundFor(key);
    round.items.set(key, item);
    if (!this.#running) void this.#run();
    return (await round.done.promise).get(key);
  }

  #roundFor(key: string): Round<Item, Result> {
    const known = this.#rounds.find(({ items }) => items.has(key)) ?? this.#rounds.at(-1);
    if (known && (known.items.has(key) || known.items.size < this.#itemsMax)) return known;
    const made: Round<Item, Result> = { items: new Map(), done: Promise.withResolvers() };
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

type Work<Item, Result> = (items: ReadonlyMap<string, Item>) => Promise<ReadonlyMap<string, Result>>;

interface Round<Item, Result> {
  items: Map<string, Item>;
  done: PromiseWithResolvers<ReadonlyMap<string, Result>>;
}

import type { Ids } from "./ids.ts";
import type { Register } from "./register.ts";
import type { SampleBatch } from "./sample.ts";
import { pick } from "./series-draft.ts";
import type { Labels, SeriesList } from "./series-list.ts";

// Hot path: series are the same from poll to poll, so each is only compared with the one that came next the last time,
// and the last batch's list is handed on. Only from where a poll differs on are series looked up.

/** Series that always come together, in their order. */
export interface Block {
  readonly ids: Ids;
  /** Where they last stood, as long as that was within a batch like the one before. */
  in: SeriesList | undefined;
  at: number;
}

/** Gathers the samples of one reading; a series stands in it once. One builder of a register is under way at a time. */
export class BatchBuilder {
  readonly #register: Register;
  readonly #before: SeriesList | undefined;
  /** Undefined as long as the series are those of the last batch. */
  #own: number[] | undefined;
  #values: Float64Array;
  #count = 0;
  #last = -1;
  #highest = -1;
  /** Ids that it has; undefined until that is asked of one that does not tell by its size. */
  #ids: Set<number> | undefined;

  constructor(register: Register, before?: SeriesList) {
    this.#register = register;
    this.#before = before;
    this.#values = new Float64Array(Math.max(16, before?.length ?? 0));
  }

  /** Leaves out what is not a number and what the table has no room for. */
  add(labels: Labels, metric: string, value: number): void {
    if (!Number.isFinite(value)) return;
    const id = this.claim(labels, metric);
    if (id >= 0) this.put(id, value);
  }

  /** The id of the series to put a value for; -1 when there is no room, or it has one. */
  claim(labels: Labels, metric: string): number {
    const next = this.#idBefore(this.#count);
    if (next >= 0 && this.#register.isAt(next, labels, metric)) return next;
    const guess = this.#last + 1;
    const id = this.#register.isAt(guess, labels, metric) ? guess : this.#register.idOf(labels, metric);
    return id < 0 || this.#has(id) ? -1 : id;
  }

  put(id: number, value: number): void {
    const at = this.#count;
    if (id !== this.#idBefore(at)) this.#depart();
    this.#own?.push(id);
    this.#ids?.add(id);
    this.#count = at + 1;
    this.#last = id;
    if (id > this.#highest) this.#highest = id;
    if (at === this.#values.length) this.#grow();
    this.#values[at] = value;
  }

  /** Series whose values are the caller's to write, from the place returned on. */
  putBlock(block: Block): { values: Float64Array; at: number } {
    const { ids } = block;
    const at = this.#count;
    if (this.#own || !this.#hasBefore(block, at)) {
      const own = this.#depart();
      for (let i = 0; i < ids.length; i++) own.push(ids.at(i));
    }
    if (this.#ids) for (let i = 0; i < ids.length; i++) this.#ids.add(ids.at(i));
    this.#count = at + ids.length;
    if (ids.length > 0) this.#last = ids.at(ids.length - 1);
    if (ids.highest > this.#highest) this.#highest = ids.highest;
    while (this.#count > this.#values.length) this.#grow();
    return { values: this.#values, at };
  }

  build(device: string, takenAtMs: number): SampleBatch {
    const count = this.#count;
    const all = this.#register.settle();
    const isWhole = !this.#own && count === this.#before?.length;
    const series = isWhole && this.#before ? this.#before : pick(all, this.#depart());
    const values = count === this.#values.length ? this.#values : this.#values.slice(0, count);
    return { device, takenAtMs, series, values };
  }

  /** What stood at this place the last time; -1 when this batch is another already. */
  #idBefore(at: number): number {
    const before = this.#before;
    return before && !this.#own && at < before.length ? before.id(at) : -1;
  }

  #hasBefore(block: Block, at: number): boolean {
    const before = this.#before;
    if (!before) return false;
    if (block.in === before && block.at === at) return true;
    const { ids } = block;
    if (at + ids.length > before.length) return false;
    for (let i = 0; i < ids.length; i++) if (before.id(at + i) !== ids.at(i)) return false;
    block.in = before;
    block.at = at;
    return true;
  }

  /** From here on it has a list of its own. */
  #depart(): number[] {
    if (!this.#own) {
      const own: number[] = [];
      for (let i = 0; i < this.#count; i++) own.push(this.#before?.id(i) ?? -1);
      this.#own = own;
    }
    return this.#own;
  }

  #has(id: number): boolean {
    if (id > this.#highest) return false;
    if (!this.#ids) {
      this.#ids = new Set(this.#own);
      if (!this.#own) for (let i = 0; i < this.#count; i++) this.#ids.add(this.#before?.id(i) ?? -1);
    }
    return this.#ids.has(id);
  }

  #grow(): void {
    const grown = new Float64Array(this.#values.length * 2);
    grown.set(this.#values);
    this.#values = grown;
  }
}

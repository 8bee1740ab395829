import { Ids } from "./ids.ts";
import { SeriesDraft } from "./series-draft.ts";
import type { Labels, SeriesList } from "./series-list.ts";

const LABEL_CHARS_MAX = 200;
/** More than a register may have. */
const NAMES_MAX = 2 ** 20;

/** Whether there is room for one more series, which then is taken. */
export type ClaimRoom = (taken: number) => boolean;

/**
 * Every series that one device, or one endpoint, ever showed: its place here is its id, for as long as the collector
 * runs. What looks them up is made when a poll shows others than the last one, and dropped after it.
 */
export class Register {
  readonly #claimRoom: ClaimRoom;
  #all: SeriesList;
  #growing: { draft: SeriesDraft; ids: Map<number, number> } | undefined;
  /** Labels that come again and again in a row, and theirs. */
  #labels: Labels | undefined;
  #row = 0;

  constructor(device: string, claimRoom: ClaimRoom) {
    this.#claimRoom = claimRoom;
    this.#all = new SeriesDraft().build(device, new Ids([]));
  }

  /** Whether the series of this id is known to be this one; one that came with this very poll is not known yet. */
  isAt(id: number, labels: Labels, metric: string): boolean {
    return this.#all.is(id, labels, metric);
  }

  /** The id of a series, a new one if need be; -1 when there is no room for it. */
  idOf(labels: Labels, metric: string): number {
    const { draft, ids } = (this.#growing ??= growing(this.#all));
    if (labels !== this.#labels) this.#row = draft.row(bounded(labels));
    this.#labels = labels;
    const name = draft.name(metric);
    const key = keyOf(this.#row, name);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = draft.length;
    if (!this.#claimRoom(id)) return -1;
    draft.push(this.#row, name);
    ids.set(key, id);
    return id;
  }

  /** All series, those that are new among them; ends a poll. */
  settle(): SeriesList {
    const draft = this.#growing?.draft;
    if (draft && draft.length > this.#all.length) {
      const ids = new Ids(Array.from({ length: draft.length }, (_, id) => id));
      this.#all = draft.build(this.#all.device, ids);
    }
    this.#growing = this.#labels = undefined;
    return this.#all;
  }
}

function growing(all: SeriesList): { draft: SeriesDraft; ids: Map<number, number> } {
  const draft = new SeriesDraft();
  const { nameOf } = all.shape;
  draft.pushFrom(all, nameOf.keys());
  const ids = new Map<number, number>();
  for (const id of nameOf.keys()) ids.set(keyOf(all.row(id), nameOf[id] as number), id);
  return { draft, ids };
}

function keyOf(row: number, name: number): number {
  return row * NAMES_MAX + name;
}

function bounded(labels: Labels): Labels {
  return labels.some((text) => text.length > LABEL_CHARS_MAX)
    ? labels.map((text, i) => (i % 2 === 0 ? text : text.slice(0, LABEL_CHARS_MAX)))
    : labels;
}

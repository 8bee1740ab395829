/** Ids of distinct series in the order of their samples. */
export class Ids {
  readonly length: number;
  /** The first of a run, where each is the one before and one. */
  readonly first: number;
  /** Undefined for a run. */
  readonly list: Int32Array | undefined;
  /** -1 when there is none. */
  readonly highest: number;

  constructor(ids: readonly number[]) {
    this.length = ids.length;
    this.first = ids[0] ?? 0;
    this.list = ids.every((id, i) => id === this.first + i) ? undefined : Int32Array.from(ids);
    this.highest = ids.reduce((most, id) => Math.max(most, id), -1);
  }

  at(i: number): number {
    return this.list ? (this.list[i] as number) : this.first + i;
  }
}

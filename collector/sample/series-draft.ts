import { Ids } from "./ids.ts";
import type { Series } from "./sample.ts";
import { type Labels, SeriesList } from "./series-list.ts";
import { columnOf, internShape, internTexts } from "./shape.ts";

/** A list of series that is being made. */
export class SeriesDraft {
  readonly #names = new Map<string, number>();
  readonly #nameOf: number[] = [];
  readonly #rowOf: number[] = [];
  readonly #rows = new Map<string, number>();
  readonly #rowEnds: number[] = [];
  readonly #labelNames = new Map<string, number>();
  readonly #texts = new Map<string, number>();
  readonly #pairs: number[] = [];

  get length(): number {
    return this.#nameOf.length;
  }

  /** Number of a metric name. */
  name(metric: string): number {
    return numberIn(this.#names, metric);
  }

  /** Number of the row of these labels, in the order given. */
  row(labels: Labels): number {
    const key = labels.join("\0");
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    for (let i = 0; i < labels.length; i += 2)
      this.#pairs.push(numberIn(this.#labelNames, labels[i] as string), numberIn(this.#texts, labels[i + 1] as string));
    const row = this.#rowEnds.length;
    this.#rowEnds.push(this.#pairs.length / 2);
    this.#rows.set(key, row);
    return row;
  }

  push(row: number, name: number): void {
    this.#rowOf.push(row);
    this.#nameOf.push(name);
  }

  /** Series of another list, in the order of these places. */
  pushFrom(list: SeriesList, places: Iterable<number>): void {
    const rows = new Map<number, number>();
    const names = new Map<number, number>();
    for (const place of places) {
      const [theirRow, theirName] = [list.row(place), list.shape.nameOf[place] as number];
      const row = rows.get(theirRow) ?? this.row(list.rowLabels(theirRow));
      const name = names.get(theirName) ?? this.name(list.name(place));
      rows.set(theirRow, row);
      names.set(theirName, name);
      this.push(row, name);
    }
  }

  build(device: string, ids: Ids): SeriesList {
    const shape = internShape({
      names: [...this.#names.keys()],
      nameOf: columnOf(this.#nameOf),
      rowOf: columnOf(this.#rowOf),
      rowEnds: columnOf(this.#rowEnds),
      labelNames: [...this.#labelNames.keys()],
      pairs: columnOf(this.#pairs),
    });
    return new SeriesList({ device, shape, texts: internTexts([...this.#texts.keys()]), ids });
  }
}

function numberIn(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}

/** Those of a list with these ids, in this order; in `all` the id of a series is its place. */
export function pick(all: SeriesList, ids: readonly number[]): SeriesList {
  if (ids.length === all.length && ids.every((id, i) => id === i)) return all;
  const draft = new SeriesDraft();
  draft.pushFrom(all, ids);
  return draft.build(all.device, new Ids(ids));
}

/** A list of these series, numbered as they come. */
export function listOf(series: readonly Pick<Series, "name" | "labels">[]): SeriesList {
  const device = series[0]?.labels["device"] ?? "";
  const isOfOne = device !== "" && series.every(({ labels }) => labels["device"] === device);
  const draft = new SeriesDraft();
  let before: Series["labels"] | undefined;
  let row = 0;
  for (const { name, labels } of series) {
    if (labels !== before) {
      const entries = Object.entries(labels);
      row = draft.row((isOfOne ? entries.filter(([label]) => label !== "device") : entries).flat());
    }
    before = labels;
    draft.push(row, draft.name(name));
  }
  return draft.build(isOfOne ? device : "", new Ids(series.map((_, i) => i)));
}

import { Interned } from "./interned.ts";

/** Numbers as small as they fit. */
export type Column = Uint16Array | Uint32Array;

/** What the series of a list have in common with those of all devices of the kind: all but the values of their labels. */
export interface Shape {
  /** Metric names, each once. */
  readonly names: readonly string[];
  /** Place in `names`, by series. */
  readonly nameOf: Column;
  /** Number of the thing that a series is of, by series; numbered in the order of their first series. */
  readonly rowOf: Column;
  /** The labels of row r are the pairs from rowEnds[r - 1] up to rowEnds[r]. */
  readonly rowEnds: Column;
  readonly labelNames: readonly string[];
  /** Places in `labelNames` and in the list's `texts`, in turn. */
  readonly pairs: Column;
}

const shapes = new Interned<Shape>();
const textLists = new Interned<readonly string[]>();

/** The one object for a shape of this content. */
export function internShape(shape: Shape): Shape {
  const { names, nameOf, rowOf, rowEnds, labelNames, pairs } = shape;
  const columns = [nameOf, rowOf, rowEnds, pairs];
  const sizes = columns.map((column) => [column.length, column.BYTES_PER_ELEMENT]);
  const hasher = new Bun.CryptoHasher("sha256").update(JSON.stringify([names, labelNames, sizes]));
  for (const column of columns) hasher.update(column);
  return shapes.of(hasher.digest("hex"), shape);
}

export function internTexts(texts: readonly string[]): readonly string[] {
  return textLists.of(new Bun.CryptoHasher("sha256").update(JSON.stringify(texts)).digest("hex"), texts);
}

const UINT16_MAX = 65_535;

export function columnOf(numbers: readonly number[]): Column {
  return numbers.some((number) => number > UINT16_MAX) ? Uint32Array.from(numbers) : Uint16Array.from(numbers);
}

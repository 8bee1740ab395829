import { subIdentifiers } from "./oid.ts";
import type { Rows } from "./shape.ts";

const known = new WeakMap<Rows, readonly string[]>();

/** Row indexes as dotted texts; made once for all devices and columns that have these rows. */
export function indexTexts(rows: Rows): readonly string[] {
  let texts = known.get(rows);
  if (!texts) {
    const { bytes, ends, count } = rows;
    texts = Array.from({ length: count }, (_, place) =>
      subIdentifiers(bytes, place === 0 ? 0 : (ends[place - 1] as number), ends[place] as number).join("."),
    );
    known.set(rows, texts);
  }
  return texts;
}

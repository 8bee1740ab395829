import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { listOf } from "../sample/index.ts";
import { decodeLayout, digestOf, encodeLayout, textOf } from "./layout.ts";

const word = fc.string({ unit: "grapheme", maxLength: 6 });
const series = fc.array(
  fc.record({ name: word, labels: fc.dictionary(fc.constantFrom("device", "interface", "Zone", "a", "1"), word) }),
  { maxLength: 12 },
);

test("what a layout is known by is what it was before lists were columns, and comes back as it was", () => {
  fc.assert(
    fc.property(series, (list) => {
      const lines = list.map(({ name, labels }) => [
        name,
        ...Object.entries(labels)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .flat(),
      ]);
      const text = textOf(listOf(list));
      expect(new TextDecoder().decode(text)).toBe(JSON.stringify(lines));
      const digest = digestOf(text);
      const back = decodeLayout(encodeLayout(digest, list.length, text));
      expect(Array.from(back ?? [], ({ name, labels }) => ({ name, labels }))).toEqual(
        list.map(({ name, labels }) => ({ name, labels: { ...labels } })),
      );
    }),
    { numRuns: 500 },
  );
});

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Words } from "./words.ts";

const row = fc.uint8Array({ maxLength: 12 });
const change = fc.tuple(fc.nat(19), row);

test("columns that say the same are one object until one of them changes, and each says what was put there", () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 20, maxLength: 20 }),
      fc.array(change, { maxLength: 60 }),
      (rows, changes) => {
        const [one, other] = [Words.of(rows), Words.of(rows.map((bytes) => bytes.slice()))];
        expect(other).toBe(one);
        let changed = one;
        const expected = rows.slice();
        for (const [place, bytes] of changes) {
          changed = changed.with(place, bytes);
          expected[place] = bytes;
        }
        for (const [place, bytes] of expected.entries()) {
          expect(changed.bytes(place)).toEqual(bytes);
          expect(changed.equals(place, new DataView(bytes.buffer), bytes.byteOffset, bytes.length)).toBe(true);
          expect(other.bytes(place)).toEqual(rows[place] as Uint8Array);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("equal bytes are a text in one column and an object identifier in another", () => {
  const rows = [Uint8Array.of(43, 6, 1)];
  const words = [Words.of(rows), Words.of(rows)] as const;
  expect(words[0].text(0, 4, () => "+??")).toBe("+??");
  expect(words[1].text(0, 6, () => "1.3.6.1")).toBe("1.3.6.1");
  expect(words[0].text(0, 4, () => "asked again")).toBe("+??");
  const other = words[0].with(0, Uint8Array.of(44));
  expect(other.text(0, 4, () => ",")).toBe(",");
});

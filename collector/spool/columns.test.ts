import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodeCompact, encodeCompact } from "./compact-block.ts";
import { crc32c } from "../journal/crc32c.ts";

const value = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.integer().map((n) => n / 10),
  fc.integer({ min: 0, max: 99_999 }).map((n) => n / 10_000),
  fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 50,
    2 ** 53,
    -(2 ** 53),
    5e-324,
    1.7976931348623157e308,
  ),
);
const section = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 6 })).chain(([polls, series]) =>
  fc.record({
    layout: fc.stringMatching(/^[0-9a-f]{32}$/),
    times: fc.array(fc.integer({ min: 0, max: 4e12 }), { minLength: polls, maxLength: polls }),
    polls: fc.array(
      fc.array(value, { minLength: series, maxLength: series }).map((list) => Float64Array.from(list)),
      { minLength: polls, maxLength: polls },
    ),
  }),
);

test("every float64 comes back bit by bit, with its time and its layout", () => {
  fc.assert(
    fc.property(fc.array(section, { minLength: 1, maxLength: 4 }), (sections) => {
      const expected = sections.flatMap(({ layout, times, polls }) =>
        polls.map((values, index) => ({ layout, takenAtMs: times[index]!, values: bits(values) })),
      );
      const decoded = decodeCompact(encodeCompact(sections));
      expect(decoded.map((batch) => ({ ...batch, values: bits(batch.values) }))).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test("a counter that grows steadily costs next to nothing", () => {
  const polls = Array.from({ length: 16 }, (_, i) =>
    Float64Array.from({ length: 1_000 }, (_s, n) => n * 1e6 + i * 77_777),
  );
  const bytes = encodeCompact([{ layout: "0".repeat(32), times: polls.map((_, i) => i * 60_000), polls }]).length;
  expect(bytes / 16_000).toBeLessThan(0.5);
});

test("CRC-32C gives the answers that RFC 3720 lists", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(ascending)).toBe(0x46dd794e);
  expect(crc32c(ascending.subarray(11), crc32c(ascending.subarray(0, 11)))).toBe(0x46dd794e);
});

function bits(values: Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");
}

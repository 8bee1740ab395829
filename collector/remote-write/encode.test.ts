import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { compress, uncompress } from "snappyjs";
import type { Series } from "../sample/sample.ts";
import type { StoredBatch } from "../spool/index.ts";
import { createEncoder } from "./encode.ts";
import { countTimeSeries, encodeSlowly } from "./slow-twin.fixture.ts";
import { varintBytes, writeVarint } from "./varint.ts";

const label = fc.oneof(fc.string({ unit: "grapheme", maxLength: 200 }), fc.constant(""));
const value = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53));

const someSeries: fc.Arbitrary<Series[]> = fc
  .uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z_]{1,20}$/), device: label, Zone: label }), {
    minLength: 1,
    maxLength: 8,
    selector: (s) => JSON.stringify(s),
  })
  .map((list) => list.map(({ name, device, Zone }, id) => ({ id, name, labels: { device, Zone } })));

const batches: fc.Arbitrary<StoredBatch[]> = someSeries.chain((known) =>
  fc.array(
    fc
      .record({
        takenAtMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
        samples: fc.uniqueArray(fc.tuple(fc.nat(known.length - 1), value), { minLength: 1, selector: ([at]) => at }),
      })
      .map(({ takenAtMs, samples }) => ({
        takenAtMs,
        series: samples.map(([at]) => known[at]!),
        values: Float64Array.from(samples, ([, v]) => v),
      })),
    { maxLength: 6 },
  ),
);

test("writes the very bytes that the field definitions say", () => {
  const extra = { site: "harbor", collector: "c1" };
  const encoder = createEncoder(extra);
  fc.assert(
    fc.property(batches, (input) => {
      expect(Buffer.from(encoder.encode(input)).toString("hex")).toBe(
        Buffer.from(encodeSlowly(input, extra)).toString("hex"),
      );
    }),
    { numRuns: 300 },
  );
});

test("names a series once a request, however many polls it holds", () => {
  const series = Array.from({ length: 40 }, (_, id) => ({ id, name: "m", labels: { device: `d${id}` } }));
  const polls = Array.from({ length: 10 }, (_, poll) => ({ takenAtMs: poll, series, values: new Float64Array(40) }));
  expect(countTimeSeries(createEncoder({}).encode(polls))).toBe(40);
});

test("the site's labels win over forged ones", () => {
  const forged = { id: 0, name: "m", labels: { device: "d", site: "elsewhere" } };
  const bytes = createEncoder({ site: "harbor" }).encode([
    { takenAtMs: 1, series: [forged], values: new Float64Array(1) },
  ]);
  expect(Buffer.from(bytes).includes("elsewhere")).toBe(false);
  expect(Buffer.from(bytes).includes("harbor")).toBe(true);
});

test("writes integers of every length up to 2^53", () => {
  for (const number of [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 1_700_000_000_000, 2 ** 53 - 1]) {
    const bytes = new Uint8Array(10);
    const end = writeVarint(bytes, 0, number);
    expect(end).toBe(varintBytes(number));
    let back = 0n;
    for (let i = end - 1; i >= 0; i -= 1) back = back * 128n + BigInt(bytes[i]! & 127);
    expect(back).toBe(BigInt(number));
  }
});

test("a request larger than one snappy fragment comes back whole", () => {
  const series = Array.from({ length: 2_000 }, (_, id) => ({ id, name: "m", labels: { device: `device-${id}` } }));
  const values = Float64Array.from(series, () => Math.random());
  const bytes = createEncoder({})
    .encode([{ takenAtMs: 1, series, values }])
    .slice();
  expect(bytes.length).toBeGreaterThan(65_536);
  expect(Buffer.from(uncompress(compress(bytes))).equals(Buffer.from(bytes))).toBe(true);
});

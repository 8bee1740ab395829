import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { compress, uncompress } from "snappyjs";
import { listOf, type SeriesList } from "../sample/index.ts";
import type { StoredBatch } from "../spool/index.ts";
import { createBodyMaker } from "./body.ts";
import { createEncoder } from "./encode.ts";
import { countTimeSeries, encodeSlowly } from "./slow-twin.fixture.ts";
import { varintBytes, writeVarint } from "./varint.ts";

const label = fc.oneof(fc.string({ unit: "grapheme", maxLength: 200 }), fc.constant(""));
const value = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53));

const someSeries: fc.Arbitrary<SeriesList> = fc
  .uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z_]{1,20}$/), device: label, Zone: label }), {
    minLength: 1,
    maxLength: 8,
    selector: (s) => JSON.stringify(s),
  })
  .map((list) => listOf(list.map(({ name, device, Zone }) => ({ name, labels: { device, Zone } }))));

/** Polls of a few layouts, which share their list of series as the spool's batches do. */
const batches: fc.Arbitrary<StoredBatch[]> = fc.array(someSeries, { minLength: 1, maxLength: 3 }).chain((layouts) =>
  fc.array(
    fc.nat(layouts.length - 1).chain((at) => {
      const series = layouts[at]!;
      return fc
        .record({
          takenAtMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
          values: fc.array(value, { minLength: series.length, maxLength: series.length }),
        })
        .map(({ takenAtMs, values }) => ({ takenAtMs, series, values: Float64Array.from(values) }));
    }),
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

test("a template filled in is, unpacked, the very request of the slow way", () => {
  const extra = { site: "harbor", collector: "c1" };
  const maker = createBodyMaker(extra);
  const one = fc
    .integer({ min: 2 ** 35, max: 4_102_444_800_000 })
    .chain((takenAtMs) =>
      someSeries.chain((series) =>
        fc
          .array(value, { minLength: series.length, maxLength: series.length })
          .map((values) => ({ takenAtMs, series, values: Float64Array.from(values) })),
      ),
    );
  fc.assert(
    fc.property(
      fc.array(one, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 60_000 }),
      (input, laterMs) => {
        const later = input.map((batch) => ({
          ...batch,
          takenAtMs: batch.takenAtMs + laterMs,
          values: batch.values.map((v) => v * 2),
        }));
        for (const polls of [input, later]) {
          const body = maker.make(polls, "snappy");
          expect(Buffer.from(uncompress(body)).toString("hex")).toBe(
            Buffer.from(encodeSlowly(polls, extra)).toString("hex"),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

function kindOf(name: string, ports: readonly string[]): SeriesList {
  return listOf(
    ports.flatMap((port) =>
      ["in_total", "out_total"].map((metric) => ({ name: metric, labels: { device: name, interface: port } })),
    ),
  );
}

test("devices of one kind, whose words are as long and begin alike, each get their own words", () => {
  const extra = { site: "harbor" };
  const words = fc.array(fc.constantFrom("ge1", "ge2", "ge10", "vlan7", "vlan8", "ü1", ""), {
    minLength: 1,
    maxLength: 4,
  });
  const device = fc.constantFrom("sw1", "sw2", "rt1", "rt10", "ge1", "");
  fc.assert(
    fc.property(fc.array(fc.tuple(device, words), { minLength: 2, maxLength: 6 }), (devices) => {
      const maker = createBodyMaker(extra);
      const polls = devices.map(([name, ports], at) => {
        const series = kindOf(name, ports);
        return { takenAtMs: 1_760_000_000_000 + at, series, values: new Float64Array(series.length).fill(at) };
      });
      const expected = Buffer.from(encodeSlowly(polls, extra)).toString("hex");
      for (let time = 0; time < 2; time += 1)
        expect(Buffer.from(uncompress(maker.make(polls, "snappy"))).toString("hex")).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test("templates of many series, larger than snappy's window, come back whole and small", () => {
  const series = listOf(
    Array.from({ length: 3_000 }, (_, id) => ({
      name: id % 2 ? "if_in_octets_total" : "if_out_octets_total",
      labels: { device: "core-sw1", interface: `TenGigabitEthernet1/0/${id >> 1}` },
    })),
  );
  const polls = [1, 2].map((poll) => ({
    takenAtMs: 1_760_000_000_000 + poll,
    series,
    values: Float64Array.from(series, () => Math.random()),
  }));
  const maker = createBodyMaker({ site: "harbor" });
  for (const poll of polls) {
    const body = maker.make([poll], "snappy");
    expect(Buffer.from(uncompress(body)).equals(Buffer.from(encodeSlowly([poll], { site: "harbor" })))).toBe(true);
    expect(body.length / series.length).toBeLessThan(36);
  }
  expect(countTimeSeries(uncompress(maker.make(polls, "snappy")))).toBe(6_000);
  const unpacked = Bun.zstdDecompressSync(maker.make(polls, "zstd"));
  expect(Buffer.from(encodeSlowly(polls, { site: "harbor" })).equals(unpacked)).toBe(true);
});

test("names a series once a request, however many polls it holds", () => {
  const series = listOf(Array.from({ length: 40 }, (_, id) => ({ name: "m", labels: { device: `d${id}` } })));
  const polls = Array.from({ length: 10 }, (_, poll) => ({ takenAtMs: poll, series, values: new Float64Array(40) }));
  expect(countTimeSeries(createEncoder({}).encode(polls))).toBe(40);
});

test("the site's labels win over forged ones", () => {
  const series = listOf([{ name: "m", labels: { device: "d", site: "elsewhere" } }]);
  const bytes = createEncoder({ site: "harbor" }).encode([{ takenAtMs: 1, series, values: new Float64Array(1) }]);
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
  const series = listOf(Array.from({ length: 2_000 }, (_, id) => ({ name: "m", labels: { device: `device-${id}` } })));
  const values = Float64Array.from(series, () => Math.random());
  const bytes = createEncoder({})
    .encode([{ takenAtMs: 1, series, values }])
    .slice();
  expect(bytes.length).toBeGreaterThan(65_536);
  expect(Buffer.from(uncompress(compress(bytes))).equals(Buffer.from(bytes))).toBe(true);
});

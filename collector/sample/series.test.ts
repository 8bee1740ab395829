import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { BatchBuilder, type Labels, listOf, type SeriesList, SeriesTable } from "./index.ts";

const labels: fc.Arbitrary<Labels> = fc.oneof(
  fc.constant([]),
  fc.nat(4).map((n) => ["interface", `ge${n}`]),
  fc.nat(2).map((n) => ["sensor", `s${n}`, "class", "fan"]),
);
const sample = fc.record({
  labels,
  metric: fc.constantFrom("up", "in_total", "out_total", "state"),
  value: fc.oneof(fc.nat(), fc.constant(Number.NaN)),
});
type Sample = { labels: Labels; metric: string; value: number };

/** Rounds that mostly say what the one before did, in its order, with some samples put in, taken out or moved. */
const rounds = fc
  .tuple(
    fc.array(sample, { maxLength: 20 }),
    fc.array(fc.record({ at: fc.nat(20), remove: fc.nat(2), put: fc.array(sample, { maxLength: 2 }) }), {
      maxLength: 12,
    }),
  )
  .map(([first, edits]) => {
    const all: Sample[][] = [first];
    for (const { at, remove, put } of edits) all.push((all.at(-1) ?? []).toSpliced(at, remove, ...put));
    return all;
  });

function textOf(series: SeriesList, values: Float64Array): string[] {
  return Array.from(series, ({ name, labels: told }, i) => `${name}${JSON.stringify(told)} ${values[i]}`);
}

/** Each series once, what is no number left out. */
function slowly(device: string, samples: readonly Sample[]): { key: string; text: string }[] {
  const found = new Map<string, string>();
  for (const { labels: own, metric, value } of samples) {
    const pairs = own.flatMap((name, i) => (i % 2 === 0 ? [[name, own[i + 1] ?? ""] as const] : []));
    const key = `${metric}${JSON.stringify({ device, ...Object.fromEntries(pairs) })}`;
    if (Number.isFinite(value) && !found.has(key)) found.set(key, `${key} ${value}`);
  }
  return Array.from(found, ([key, text]) => ({ key, text }));
}

test("whatever comes, goes or moves from poll to poll, each value has its name, and each name its id for ever", () => {
  fc.assert(
    fc.property(rounds, fc.array(fc.nat(12), { maxLength: 3 }), (all, pingsAfter) => {
      const register = new SeriesTable().register("sw1");
      const ids = new Map<string, number>();
      let before: SeriesList | undefined;
      for (const [round, samples] of all.entries()) {
        const builder = new BatchBuilder(register, before);
        for (const { labels: own, metric, value } of samples) builder.add(own, metric, value);
        const { series, values } = builder.build("sw1", round);
        const expected = slowly("sw1", samples);
        expect(textOf(series, values)).toEqual(expected.map(({ text }) => text));
        for (const [i, { key }] of expected.entries()) {
          expect(ids.get(key) ?? series.id(i)).toBe(series.id(i));
          ids.set(key, series.id(i));
        }
        if (before && before.says(series)) expect(series).toBe(before);
        before = series;
        if (!pingsAfter.includes(round)) continue;
        const ping = new BatchBuilder(register);
        ping.add([], "loss", round);
        ids.set("loss", ping.build("sw1", round).series.id(0));
      }
      expect([...ids.values()].toSorted((a, b) => a - b)).toEqual(Array.from(ids, (_, i) => i));
    }),
    { numRuns: 500 },
  );
});

interface Line {
  name: string;
  port: string;
  device: string;
}

function made(lines: readonly Line[], device?: string): SeriesList {
  return listOf(lines.map((line) => ({ name: line.name, labels: { device: device ?? line.device, port: line.port } })));
}

test("devices of one kind share all but their name, and lists say the same when they hold the same", () => {
  const lines = fc.array(
    fc.record({
      name: fc.constantFrom("a", "b"),
      port: fc.constantFrom("1", "2", ""),
      device: fc.constantFrom("x", "y"),
    }),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(lines, lines, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(made(one).says(made(other))).toBe(isSame);
      expect(made(one, "sw1").shape).toBe(made(one, "sw2").shape);
      expect(made(one, "sw1").texts).toBe(made(one, "sw2").texts);
      expect(made(one, "sw1").says(made(one, "sw2"))).toBe(false);
    }),
  );
});

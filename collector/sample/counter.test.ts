import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { type CounterState, EXACT_MAX, nextCounter } from "./counter.ts";

/** How every PromQL function sums a counter: a fall is a reset, and the value after it counts in full. */
function increase(values: number[]): bigint {
  let sum = 0n;
  for (const [i, value] of values.entries()) {
    const last = values[i - 1];
    if (last !== undefined) sum += BigInt(value < last ? value : value - last);
  }
  return sum;
}

function run(raws: { raw: bigint; bits: 32 | 64; startsAnew?: boolean }[]): number[] {
  let state: CounterState | undefined;
  return raws.map(({ raw, bits, startsAnew = false }) => {
    state = nextCounter(state, {
      raw,
      bits,
      startsAnew,
      deltaMax: Number.POSITIVE_INFINITY,
      resetMax: Number.POSITIVE_INFINITY,
    });
    return state.emitted;
  });
}

const steps = (max: bigint) => fc.array(fc.bigInt({ min: 0n, max }), { minLength: 1, maxLength: 40 });

test("passes raw values up to 2^53 on as they are", () => {
  expect(
    run([
      { raw: 7n, bits: 64 },
      { raw: 9_007_199_254_740_992n, bits: 64 },
    ]),
  ).toEqual([7, EXACT_MAX]);
});

test("32-bit wraps add up to the true difference", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), steps(2n ** 32n - 1n), (start, deltas) => {
      let raw = start;
      const raws = [{ raw, bits: 32 as const }];
      for (const delta of deltas) raws.push({ raw: (raw = (raw + delta) % 2n ** 32n), bits: 32 });
      expect(increase(run(raws))).toBe(deltas.reduce((sum, delta) => sum + delta, 0n));
    }),
  );
});

test("64-bit values, also above 2^53 and over 2^64, add up to the true difference", () => {
  const start = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: 2n ** 53n - 1000n, max: 2n ** 53n + 1000n }),
    fc.bigInt({ min: 2n ** 64n - 1000n, max: 2n ** 64n - 1n }),
  );
  fc.assert(
    fc.property(start, steps(2n ** 45n), (first, deltas) => {
      let raw = first;
      const raws = [{ raw, bits: 64 as const }];
      for (const delta of deltas) raws.push({ raw: (raw = (raw + delta) % 2n ** 64n), bits: 64 });
      const values = run(raws);
      expect(values.every((value) => Number.isSafeInteger(value) || value === EXACT_MAX)).toBe(true);
      const truth = deltas.reduce((sum, delta) => sum + delta, 0n);
      // The one case that is given up: a fold when the value before it was no larger than the difference.
      const lost = truth - increase(values);
      expect(lost >= 0n).toBe(true);
      if (first % 2n ** 53n > 2n ** 45n) expect(lost).toBe(0n);
    }),
    { numRuns: 500 },
  );
});

test("a step that ends one above 2^53 folds and is not rounded down to it", () => {
  const start = 2n ** 64n - 7n;
  const values = run([start, start + 2n, 1n].map((raw) => ({ raw, bits: 64 as const })));
  expect(increase(values)).toBe(8n);
});

test("a reboot loses at most the interval it lies in and never counts too much", () => {
  const reboots = fc.array(fc.record({ delta: fc.bigInt({ min: 0n, max: 2n ** 40n }), reboot: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 52n }), reboots, (start, steps) => {
      let raw = start;
      let most = 0n;
      let least = 0n;
      const raws: { raw: bigint; bits: 64; startsAnew?: boolean }[] = [{ raw, bits: 64 }];
      for (const { delta, reboot } of steps) {
        raw = reboot ? delta : raw + delta;
        most += delta;
        if (!reboot) least += delta;
        raws.push({ raw, bits: 64, startsAnew: reboot });
      }
      const counted = increase(run(raws));
      expect(counted <= most && counted >= least).toBe(true);
    }),
  );
});

test("a 32-bit step backwards that the line cannot carry is a reset, not a wrap", () => {
  const before = { raw: 1_000_000n, emitted: 1_000_000, bits: 32 as const };
  const input = { raw: 500n, bits: 32 as const, startsAnew: false, resetMax: 1_000_000 };
  expect(nextCounter(before, { ...input, deltaMax: 1_000_000 }).emitted).toBe(500);
  expect(nextCounter(before, { ...input, deltaMax: Number.POSITIVE_INFINITY }).emitted).toBe(4_294_967_796);
});

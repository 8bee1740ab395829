import { expect, test } from "bun:test";
import type { Bug } from "./bug.ts";
import { simulate } from "./simulate.ts";

const SEEDS = 200;
const SEEDS_TO_CATCH = 60;

test("over 200 seeds of crashes, torn writes, turned bits, lost messages and wrong clocks no promise is broken", async () => {
  let faults = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const run = await simulate(seed);
    if (run.violations.length > 0) throw new Error(`seed ${seed}: ${run.violations.join("; ")}`);
    faults += run.faults;
  }
  expect(faults).toBeGreaterThan(5 * SEEDS);
}, 300_000);

test("a seed replays to the same trace", async () => {
  const [first, second] = [await simulate(77), await simulate(77)];
  expect(second.trace).toEqual(first.trace);
  expect(second.counts).toEqual(first.counts);
  expect((await simulate(78)).trace).not.toEqual(first.trace);
}, 30_000);

const PLANTED: [Bug, RegExp][] = [
  ["ack-before-fsync", /acknowledged events never arrived/],
  ["fsync-that-lies", /samples (neither arrived nor )?are counted/],
  ["off-by-one-at-batch-end", /never arrived/],
  ["off-by-one-at-block-end", /samples neither arrived nor are counted/],
  ["unanswered-given-up", /counted as lost, but only/],
  ["store-start-unseen", /samples neither arrived nor are counted/],
  ["duplicate-after-restart", /stored twice/],
];

test.each(PLANTED)(
  "notices the planted bug %s, and its seed shows it again",
  async (bug, words) => {
    for (let seed = 1; seed <= SEEDS_TO_CATCH; seed += 1) {
      const { violations } = await simulate(seed, { bug });
      if (violations.length === 0) continue;
      expect(violations.join("; ")).toMatch(words);
      expect((await simulate(seed, { bug })).violations).toEqual(violations);
      return;
    }
    throw new Error(`${bug} went unnoticed over ${SEEDS_TO_CATCH} seeds`);
  },
  60_000,
);

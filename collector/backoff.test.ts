import { expect, test } from "bun:test";
import { createBackoff } from "./backoff.ts";

test("waits double up to the cap, with half of each left to chance, and begin anew after a reset", () => {
  const shortest = createBackoff({ firstMs: 500, capMs: 3_000, random: () => 0 });
  expect(Array.from({ length: 5 }, () => shortest.nextMs())).toEqual([250, 500, 1_000, 1_500, 1_500]);
  const longest = createBackoff({ firstMs: 500, capMs: 3_000, random: () => 1 });
  expect(Array.from({ length: 5 }, () => longest.nextMs())).toEqual([500, 1_000, 2_000, 3_000, 3_000]);
  longest.reset();
  expect(longest.nextMs()).toBe(500);
});

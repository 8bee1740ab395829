import { expect, test } from "bun:test";
import { answered } from "../topology/reading.fixture.ts";
import { collectAfterFirstReadings } from "./first-readings.ts";

function collections(devices: number): number {
  let collected = 0;
  const first = collectAfterFirstReadings(() => {
    collected += 1;
  });
  for (let device = 0; device < 2 * devices; device += 1)
    first.count(answered("sw1", { discontinuity: device % 2 === 0 ? "first-poll" : "none" }));
  return collected;
}

test("what first readings leave behind is collected, for a fleet of any size no more than some dozen times", () => {
  expect(collections(9)).toBe(0);
  expect(collections(100)).toBe(10);
  expect(collections(1_000)).toBeLessThan(60);
  expect(collections(20_000)).toBe(collections(2_000));
});

import { expect, test } from "bun:test";
import { ageText } from "./age-text.ts";
import { bitRate, byteSize, count, durationMs, percent } from "./quantity.ts";
import { linePath } from "./sparkline.tsx";
import { niceCeiling } from "./still-chart.tsx";

test("figures carry three digits at most and their unit", () => {
  expect([0, 999, 1_500, 10_000_000_000].map(bitRate)).toEqual(["0 bit/s", "999 bit/s", "1.5 kbit/s", "10 Gbit/s"]);
  expect([0, 1024, 1_572_864].map(byteSize)).toEqual(["0 B", "1 KiB", "1.5 MiB"]);
  expect([0, 0.016, 0.5, 1].map(percent)).toEqual(["0 %", "1.6 %", "50 %", "100 %"]);
  expect([7, 0.5, 1_240_000].map(count)).toEqual(["7", "0.5", "1.2 M"]);
  expect([280, 2_200, 3_900_000].map(durationMs)).toEqual(["280 ms", "2.2 s", "1 h 5 min"]);
});

test("an age is written in its largest whole unit, and a clock that is behind shows 0 s", () => {
  expect([-5_000, 59_000, 60_000, 7_200_000, 172_800_000].map(ageText)).toEqual(["0 s", "59 s", "1 min", "2 h", "2 d"]);
});

test("a gap in the data is a gap in the line, and a lone point is still seen", () => {
  const path = linePath([1, null, 2, 2], { width: 30, height: 12, highest: 2 });
  expect(path).toBe("M0.0 6.0L0.0 6.0M20.0 1.0L20.0 1.0L30.0 1.0");
});

test("an axis begins at zero and ends at a number that can be halved", () => {
  expect([0, 0.93, 3, 7, 349].map(niceCeiling)).toEqual([1, 1, 5, 10, 500]);
});

test("a state holds until the next one, and a gap in it stays open", () => {
  const path = linePath([1, 0, null, 1], { width: 30, height: 12, highest: 1, steps: true });
  expect(path).toBe("M0.0 1.0L0.0 1.0L10.0 1.0L10.0 11.0M30.0 1.0L30.0 1.0");
});

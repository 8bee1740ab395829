import { expect, test } from "bun:test";
import { createThrottle } from "./throttle.ts";

test("a window takes so many tries, says how long to wait, and begins anew", () => {
  let nowMs = 0;
  const throttle = createThrottle({ clock: { nowMs: () => nowMs }, triesMax: 2, windowMs: 60_000 });
  expect([throttle.take("a"), throttle.take("a"), throttle.take("b")]).toEqual([undefined, undefined, undefined]);
  nowMs = 20_500;
  expect(throttle.take("a")).toBe(40);
  nowMs = 60_000;
  expect(throttle.take("a")).toBeUndefined();
});

test("more addresses than fit push out the oldest, not the newest", () => {
  const throttle = createThrottle({ clock: { nowMs: () => 0 }, triesMax: 1, windowMs: 60_000 });
  for (let i = 0; i < 10_001; i += 1) throttle.take(`address-${i}`);
  expect(throttle.take("address-10000")).toBe(60);
  expect(throttle.take("address-0")).toBeUndefined();
});

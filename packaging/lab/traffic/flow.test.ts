import { expect, test } from "bun:test";
import { randomFor } from "../topology/index.ts";
import { Flow, Ramp } from "./index.ts";

const EPOCH = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

test("octets never fall and never pass the line rate, at any step and age", () => {
  const lineBps = 1e9;
  for (const seed of [1, 2, 3, 4, 5]) {
    const flow = new Flow(randomFor(seed, "line"), { epochMs: EPOCH, lineBps, meanShare: 0.9 });
    for (const ageDays of [0, 1, 60, 400]) {
      let atMs = EPOCH + ageDays * DAY_MS;
      let before = flow.total(atMs);
      for (const stepMs of [1, 1, 7, 100, 1_000, 1_000, 60_000, 3_600_000, 40_000_000]) {
        atMs += stepMs;
        const now = flow.total(atMs);
        expect(Math.floor(now)).toBeGreaterThanOrEqual(Math.floor(before));
        expect((now - before) * 8).toBeLessThanOrEqual((lineBps * stepMs) / 1_000);
        before = now;
      }
    }
  }
});

test("a stopped flow stands still and goes on from there", () => {
  const flow = new Flow(randomFor(1, "stop"), { epochMs: EPOCH, lineBps: 1e9, meanShare: 0.2 });
  flow.run(false, EPOCH + 10_000);
  const stopped = flow.total(EPOCH + 10_000);
  expect(flow.total(EPOCH + 500_000)).toBe(stopped);
  flow.run(true, EPOCH + 500_000);
  expect(flow.total(EPOCH + 500_000)).toBe(stopped);
  expect(flow.total(EPOCH + 501_000)).toBeGreaterThan(stopped);
});

test("a day has a quiet and a busy part", () => {
  const flow = new Flow(randomFor(3, "day"), { epochMs: EPOCH, lineBps: 1e9, meanShare: 0.2 });
  const hours = Array.from({ length: 24 }, (_, hour) => {
    const fromMs = EPOCH + hour * 3_600_000;
    return flow.total(fromMs + 3_600_000) - flow.total(fromMs);
  });
  expect(Math.max(...hours) / Math.min(...hours)).toBeGreaterThan(1.8);
});

test("a ramp climbs to its rate, keeps it, and what it counted remains", () => {
  const ramp = new Ramp();
  ramp.start({ nowMs: 0, perSecond: 100, climbSeconds: 10 });
  expect(ramp.total(10_000)).toBe(500);
  expect(ramp.total(20_000)).toBe(1_500);
  ramp.stop(20_000);
  expect(ramp.total(90_000)).toBe(1_500);
});

test("a ramp that is held counts nothing meanwhile", () => {
  const ramp = new Ramp();
  ramp.start({ nowMs: 0, perSecond: 100, climbSeconds: 10 });
  ramp.run(false, 10_000);
  expect(ramp.total(70_000)).toBe(500);
  ramp.run(true, 70_000);
  expect(ramp.total(80_000)).toBe(1_500);
});

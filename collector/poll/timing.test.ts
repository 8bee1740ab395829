import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { DueQueue } from "./due-queue.ts";
import { discontinuityOf } from "./reboot.ts";
import { backoffTurns, firstDueMs, nextDueMs, phaseOf, turnsBetween } from "./timing.ts";

const MINUTE = 60_000;

test("devices with neighbouring names are spread evenly over the interval", () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 1_000; i++) {
    const tenth = Math.floor(phaseOf(`access-sw${i}`) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) expect(Math.abs(count - 100)).toBeLessThan(40);
});

test("a device keeps its place on its own grid, whenever its poll ends", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(1_000_000),
      fc.integer({ min: 1_000, max: 600_000 }),
      (name, afterMs, intervalMs) => {
        const due = nextDueMs({ name, originMs: 500, afterMs: 500 + afterMs, intervalMs });
        expect(due).toBeGreaterThanOrEqual(500 + afterMs);
        expect(due - (500 + afterMs)).toBeLessThan(intervalMs + 1);
        const turns = (due - 500) / intervalMs - phaseOf(name);
        expect(Math.abs(turns - Math.round(turns))).toBeLessThan(1e-6);
      },
    ),
  );
});

test("the first polls come within five seconds of the start", () => {
  for (let i = 0; i < 100; i++)
    expect(firstDueMs({ name: `d${i}`, nowMs: 0, intervalMs: 600_000 })).toBeLessThan(5_000);
});

test("a silent device is asked at every turn for five minutes, then ever less, and at least every five minutes", () => {
  const turns = (minutes: number) => backoffTurns({ silentMs: minutes * MINUTE, unanswered: 5, intervalMs: 30_000 });
  expect(turns(4)).toBe(0);
  expect(turns(5)).toBe(1);
  expect(turns(15)).toBe(5);
  expect(turns(600)).toBe(9);
  expect(backoffTurns({ silentMs: 600 * MINUTE, unanswered: 1, intervalMs: 30_000 })).toBe(0);
  expect(backoffTurns({ silentMs: 600 * MINUTE, unanswered: 9, intervalMs: 10 * MINUTE })).toBe(0);
});

test("the queue gives who is due in order, and nobody before his time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { maxLength: 200 }), fc.nat(1_000), (dues, untilMs) => {
      const queue = new DueQueue<number>();
      for (const due of dues) queue.push(due, due);
      const taken: number[] = [];
      for (let first = queue.popDue(untilMs); first; first = queue.popDue(untilMs)) taken.push(first.value);
      expect(taken).toEqual(dues.filter((due) => due <= untilMs).toSorted((a, b) => a - b));
      expect(queue.size).toBe(dues.length - taken.length);
    }),
  );
});

test("uptime that grew less than the time that passed is a reboot, drift is not", () => {
  const before = { ticks: 1_000, engineBoots: 0, readAtMs: 0 };
  const at = (ticks: number) => discontinuityOf(before, { ticks, engineBoots: 0, readAtMs: 600_000 });
  expect(at(61_000)).toBe("none");
  expect(at(59_000)).toBe("none");
  expect(at(30_000)).toBe("reboot");
  expect(discontinuityOf(undefined, before)).toBe("first-poll");
});

test("turns between two are those that nobody took", () => {
  const between = (fromMs: number, toMs: number) => turnsBetween({ fromMs, toMs, intervalMs: MINUTE });
  const first = 0.1 + 0.2;
  expect(between(first * MINUTE, (first + 1) * MINUTE)).toBe(0);
  expect(between(first * MINUTE, (first + 3) * MINUTE)).toBe(2);
  // The first poll is before its turn, and a poll out of turn may be.
  expect(between(4_000, 1.5 * MINUTE)).toBe(0);
  expect(between(MINUTE, MINUTE)).toBe(0);
});

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Deadlines } from "./deadlines.ts";

/** A clock that a test turns; what it rings may set it again. */
function handClock() {
  const timers = new Set<{ atMs: number; run: () => void }>();
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs: number, run: () => void) {
      const timer = { atMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    turnTo(untilMs: number) {
      for (let i = 0; i < 100_000; i++) {
        const [first] = [...timers].toSorted((a, b) => a.atMs - b.atMs);
        if (!first || first.atMs > untilMs) break;
        timers.delete(first);
        nowMs = Math.max(nowMs, first.atMs);
        first.run();
      }
      nowMs = untilMs;
    },
    armed: () => timers.size,
  };
}

test("each id expires when its time is over, unless it was answered, however they are mixed", () => {
  const step = fc.record({ waitMs: fc.nat(300), timeoutMs: fc.constantFrom(100, 250), answerAfter: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = handClock();
      const waiting = new Set<number>();
      const expired = new Map<number, number>();
      const expected = new Map<number, number>();
      let next = 1_000;
      const deadlines = new Deadlines({
        clock,
        isWaiting: (id) => waiting.has(id),
        expire(id) {
          expired.set(id, clock.monotonicMs());
          waiting.delete(id);
          // A retry in the middle of the ring, as exchanges do.
          if (id >= 1_000) return;
          const again = next++;
          expected.set(again, clock.monotonicMs() + 100);
          waiting.add(again);
          deadlines.add(again, 100);
        },
      });
      let nowMs = 0;
      for (const [id, { waitMs, timeoutMs, answerAfter }] of steps.entries()) {
        waiting.add(id);
        expected.set(id, nowMs + timeoutMs);
        deadlines.add(id, timeoutMs);
        if (answerAfter === 0) {
          waiting.delete(id);
          expected.delete(id);
        }
        nowMs += waitMs;
        clock.turnTo(nowMs);
      }
      clock.turnTo(nowMs + 1_000);
      expect(expired).toEqual(expected);
      expect(clock.armed()).toBe(0);
    }),
  );
});

import { expect, test } from "bun:test";
import { createPollRequests } from "./poll-requests.ts";

/** A clock that is turned by hand, and polls whose start is told. */
function bench(startsAt: (askedAtMs: number, nth: number) => number = (askedAtMs) => askedAtMs) {
  let atMs = 1_000_000;
  const due: { atMs: number; work: () => void }[] = [];
  const polled: { device: string; atMs: number }[] = [];
  const ask = createPollRequests({
    clock: { monotonicMs: () => atMs, nowMs: () => atMs },
    after: (delayMs, work) => void due.push({ atMs: atMs + delayMs, work }),
    poll: async (device) => {
      polled.push({ device, atMs: atMs - 1_000_000 });
      return { takenAtMs: startsAt(atMs, polled.length) };
    },
  });
  return {
    ask,
    polled,
    turnTo: async (ms: number) => {
      const isDue = (one: { atMs: number }) => one.atMs <= 1_000_000 + ms;
      for (const one of due.filter(isDue).toSorted((a, b) => a.atMs - b.atMs)) {
        due.splice(due.indexOf(one), 1);
        atMs = one.atMs;
        one.work();
      }
      atMs = 1_000_000 + ms;
      await Bun.sleep(0);
    },
  };
}

test("a device that spoke is looked at once it had time to settle, once for all that it says", async () => {
  const { ask, polled, turnTo } = bench();
  for (let i = 0; i < 5; i += 1) ask("sw1");
  await turnTo(499);
  expect(polled).toEqual([]);
  await turnTo(10_000);
  expect(polled).toEqual([{ device: "sw1", atMs: 500 }]);
});

test("one that goes on speaking is looked at every two seconds, and after its last word", async () => {
  const { ask, polled, turnTo } = bench();
  for (let ms = 0; ms <= 4_000; ms += 100) {
    await turnTo(ms);
    ask("sw1");
  }
  await turnTo(20_000);
  expect(polled.map((poll) => poll.atMs)).toEqual([500, 2_500, 4_500]);
});

test("a poll that was under way when it spoke is not taken for a look: another follows", async () => {
  const { ask, polled, turnTo } = bench((askedAtMs, nth) => (nth === 1 ? askedAtMs - 3_000 : askedAtMs));
  ask("sw1");
  await turnTo(10_000);
  expect(polled).toHaveLength(2);
});

import { expect, jest, test } from "bun:test";
import { memoryOfWaves } from "./wave.ts";

/** How often memory was given back by then. */
function counted() {
  let collected = 0;
  const memory = memoryOfWaves(() => (collected += 1));
  let streams = 0;
  return {
    come(count: number): number {
      for (let i = 0; i < count; i += 1) memory.arrived((streams += 1));
      return collected;
    },
    wait(ms: number): number {
      jest.advanceTimersByTime(ms);
      return collected;
    },
  };
}

function inFakeTime(work: () => void): void {
  jest.useFakeTimers();
  try {
    work();
  } finally {
    jest.useRealTimers();
  }
}

test("memory is given back as streams come, ever more seldom as they grow, and once when the wave is over", () => {
  inFakeTime(() => {
    const wave = counted();
    expect(wave.come(99)).toBe(0);
    expect(wave.come(1)).toBe(1);
    expect(wave.come(1_900)).toBe(9);
    expect(wave.come(18_000)).toBe(17);
    expect(wave.wait(5_000)).toBe(18);
    expect(wave.wait(60_000)).toBe(18);
  });
});

test("a few streams now and then stop the hub for nothing", () => {
  inFakeTime(() => {
    const wave = counted();
    for (let hour = 0; hour < 24; hour += 1) {
      wave.come(20);
      expect(wave.wait(3_600_000)).toBe(0);
    }
  });
});

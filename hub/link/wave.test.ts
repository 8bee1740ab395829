import { expect, jest, test } from "bun:test";
import { memoryAfterWaves } from "./wave.ts";

test("memory is given back once, after a wave of streams is over, and never for a few", () => {
  jest.useFakeTimers();
  try {
    let collected = 0;
    const memory = memoryAfterWaves(() => (collected += 1));
    for (let stream = 0; stream < 500; stream += 1) {
      memory.arrived();
      jest.advanceTimersByTime(100);
    }
    expect(collected).toBe(0);
    jest.advanceTimersByTime(5_000);
    expect(collected).toBe(1);
    for (let stream = 0; stream < 20; stream += 1) memory.arrived();
    jest.advanceTimersByTime(60_000);
    expect(collected).toBe(1);
  } finally {
    jest.useRealTimers();
  }
});

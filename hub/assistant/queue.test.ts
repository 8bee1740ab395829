import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestHub, makeHub, until } from "./assistant.fixture.ts";
import { openQueue } from "./queue.ts";

let testHub: TestHub;
beforeAll(async () => {
  testHub = await makeHub();
}, 30_000);
afterAll(() => testHub.close());

test("a burst is worked off at once, several jobs a worker, the most urgent first; one that fails is tried again alone", async () => {
  const queue = await openQueue(testHub.hub);
  try {
    const urgent = 32;
    const jobs = Array.from({ length: 80 }, (_, i) => ({
      key: `incident/${i}`,
      job: { incidentId: `incident-${i}` },
      priority: i >= 80 - urgent ? 4 : 2,
    }));
    await queue.add(jobs);
    await queue.add([jobs[0]!]);
    const done: string[] = [];
    let failures = 0;
    const startedMs = performance.now();
    await queue.work(8, async ({ incidentId = "" }) => {
      if (incidentId === "incident-3" && failures === 0) {
        failures += 1;
        throw new Error("the store is away");
      }
      done.push(incidentId);
      await Bun.sleep(100);
    });
    await until(() => done.length >= 79, 10_000);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    const first = done.slice(0, 8).map((id) => Number(id.slice("incident-".length)));
    expect(first.every((number) => number >= 80 - urgent)).toBe(true);
    await until(() => done.length === 80, 10_000);
    expect(new Set(done).size).toBe(80);
    expect(done.at(-1)).toBe("incident-3");
  } finally {
    await queue.stop();
  }
}, 30_000);

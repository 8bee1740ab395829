import { expect, test } from "bun:test";
import { Turns } from "./turns.ts";

test("no more than the limit run at one time, and the others follow in the order in which they came", async () => {
  const turns = new Turns({ runningMax: 2, waitingMax: 10 });
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const work = (n: number) => async () => {
    running += 1;
    most = Math.max(most, running);
    await Bun.sleep(1);
    running -= 1;
    order.push(n);
    return n;
  };
  const all = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => turns.take(work(n))));
  expect(most).toBe(2);
  expect(order).toEqual([1, 2, 3, 4, 5, 6]);
  expect(all.at(-1)).toEqual({ kind: "done", value: 6 });
});

test("one with much to do waits its turn after each piece, so that one with little is served between", async () => {
  const turns = new Turns({ runningMax: 1, waitingMax: 10 });
  const served: string[] = [];
  const stream = async (name: string, batches: number) => {
    for (let i = 0; i < batches; i += 1) {
      await turns.take(async () => {
        await Bun.sleep(0);
        served.push(name);
      });
    }
  };
  await Promise.all([stream("much", 20), stream("little", 1)]);
  expect(served.indexOf("little")).toBeLessThanOrEqual(1);
});

test("beyond its queue nobody is taken, and a failure gives the turn on", async () => {
  const turns = new Turns({ runningMax: 1, waitingMax: 1 });
  const failing = turns.take(async () => {
    await Bun.sleep(1);
    throw new Error("the disk is gone");
  });
  const waiting = turns.take(async () => "after it");
  expect(await turns.take(async () => "too late")).toEqual({ kind: "too-many" });
  expect(failing).rejects.toThrow("the disk is gone");
  expect(await waiting).toEqual({ kind: "done", value: "after it" });
  expect(await turns.take(async () => "free again")).toEqual({ kind: "done", value: "free again" });
});

test("whoever stands back goes on when nobody waits any more, or when its time is over", async () => {
  const turns = new Turns({ runningMax: 1, waitingMax: 10 });
  const first = Promise.withResolvers<void>();
  const running = turns.take(() => first.promise);
  await turns.quiet(10_000);
  const second = turns.take(async () => "second");
  const from = performance.now();
  await turns.quiet(100);
  expect(performance.now() - from).toBeGreaterThanOrEqual(100);
  first.resolve();
  await turns.quiet(10_000);
  expect(turns.waiting).toBe(0);
  await Promise.all([running, second]);
});

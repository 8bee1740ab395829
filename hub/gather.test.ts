import { expect, test } from "bun:test";
import { Gather } from "./gather.ts";

test("what is asked for while a round runs is one round after it, and of one key the newest counts", async () => {
  const rounds: [string, number][][] = [];
  const gather = new Gather<number, string>(10, async (items) => {
    await Bun.sleep(1);
    rounds.push([...items]);
    return new Map([...items].map(([key, item]) => [key, `${key}${item}`]));
  });
  const results = await Promise.all([gather.add("a", 1), gather.add("b", 2), gather.add("c", 3), gather.add("b", 4)]);
  expect(results).toEqual(["a1", "b4", "c3", "b4"]);
  expect(rounds).toEqual([
    [["a", 1]],
    [
      ["b", 4],
      ["c", 3],
    ],
  ]);
});

test("a round is no larger than its limit, and its failure is nobody else's", async () => {
  const sizes: number[] = [];
  const gather = new Gather<number, number>(3, async (items) => {
    await Bun.sleep(1);
    sizes.push(items.size);
    if (items.has("k2")) throw new Error("the disk is gone");
    return items;
  });
  const asked = Array.from({ length: 8 }, (_, i) => gather.add(`k${i}`, i));
  const outcomes = await Promise.allSettled(asked);
  expect(sizes).toEqual([1, 3, 3, 1]);
  expect(outcomes.map(({ status }) => status === "rejected")).toEqual([
    false,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

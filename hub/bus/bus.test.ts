import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import { type Bus, openBus } from "./bus.ts";
import { publish } from "./publish.ts";

let database: TestDatabase;
let bus: Bus;
beforeAll(async () => {
  database = await testDatabase();
  bus = await openBus(database.sql, (error) => {
    throw error;
  });
});
afterAll(async () => {
  await bus.close();
  await database.close();
});

test("a subscriber sees committed messages in order, and none of a transaction rolled back", async () => {
  const seen: { id: number; key: string }[] = [];
  const leave = bus.subscribe((m) => seen.push({ id: m.id, key: m.key }));
  const publishOne = (key: string) =>
    database.db.transaction((tx) => publish(tx, { topic: "device", key, payload: {} }));
  await Promise.all(Array.from({ length: 50 }, (_, i) => publishOne(`d${i}`)));
  await database.db
    .transaction(async (tx) => {
      await publish(tx, { topic: "device", key: "never", payload: {} });
      throw new Error("rolled back");
    })
    .catch(() => undefined);
  for (let i = 0; i < 200 && seen.length < 50; i += 1) await Bun.sleep(10);
  leave();
  expect(seen.length).toBe(50);
  expect(seen.map((m) => m.id)).toEqual(seen.map((m) => m.id).toSorted((a, b) => a - b));
  expect(seen.some((m) => m.key === "never")).toBe(false);
});

test("a transaction that published and goes on delays nobody, and its message is numbered when it commits", async () => {
  const before = bus.lastId();
  const other = Promise.withResolvers<void>();
  const slow = database.db.transaction(async (tx) => {
    await publish(tx, { topic: "approval", key: "said first", payload: {} });
    await other.promise;
  });
  await database.db.transaction((tx) => publish(tx, { topic: "approval", key: "committed first", payload: {} }));
  other.resolve();
  await slow;
  const messages = await bus.replay("approval", before);
  expect(messages.map((m) => m.key)).toEqual(["committed first", "said first"]);
});

test("replay gives what came after an id, of one topic", async () => {
  const before = bus.lastId();
  await database.db.transaction((tx) =>
    publish(tx, { topic: "insight", key: "a", payload: { n: 1 } }, { topic: "device", key: "b", payload: {} }),
  );
  const replayed = await bus.replay("insight", before);
  expect(replayed.map((m) => [m.key, m.payload])).toEqual([["a", { n: 1 }]]);
});

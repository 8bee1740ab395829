import { afterAll, expect, test } from "bun:test";
import { type TestDatabase, testDatabase, testVictoriaMetrics } from "../packaging/parts/index.ts";
import { dropEventPartitions, makeEventPartitions } from "./event-partition.ts";
import { migrate } from "./migrate.ts";

const opened: TestDatabase[] = [];
afterAll(async () => {
  for (const database of opened) await database.close();
});

async function open(): Promise<TestDatabase> {
  const database = await testDatabase();
  opened.push(database);
  return database;
}

test("a migrated database takes an event into the partition of its month", async () => {
  const { sql } = await open();
  await sql`insert into shared.events (id, received_at, observed_at, kind, state, severity, fingerprint, summary)
            values (${Bun.randomUUIDv7()}, now(), now(), 'device-down', 'firing', 'error', 'f', 's')`;
  const [row] = await sql`select tableoid::regclass::text as partition from shared.events`;
  expect(row?.["partition"]).toBe(`shared.events_${new Date().toISOString().slice(0, 7).replace("-", "_")}`);
});

test("a second migration changes nothing", async () => {
  const { url } = await open();
  expect(await migrate(url)).toEqual({ applied: [] });
});

test("a database from a newer version is refused by name", async () => {
  const { url, sql } = await open();
  await sql`insert into watchpost.migrations (name, sha256) values ('9999_future', '')`;
  expect(migrate(url)).rejects.toThrow("9999_future");
});

test("a database whose tables another build made is refused", async () => {
  const { url, sql } = await open();
  await sql`update watchpost.migrations set sha256 = 'other'`;
  expect(migrate(url)).rejects.toThrow("begin with an empty database");
});

test("two tests never share a database, and the metrics store answers", async () => {
  const [a, b] = [await open(), await open()];
  expect(a.url).not.toBe(b.url);
  expect((await fetch(`${await testVictoriaMetrics()}/health`)).ok).toBe(true);
});

test("months are made ahead of time, take events that a wrong clock left behind, and are dropped when they are old", async () => {
  const { sql } = await open();
  const late = Date.UTC(2040, 5, 15);
  await sql`insert into shared.events (id, received_at, observed_at, kind, state, severity, fingerprint, summary)
            values (${Bun.randomUUIDv7()}, ${new Date(late)}, now(), 'device-down', 'firing', 'error', 'f', 's')`;
  const where = () => sql`select tableoid::regclass::text as partition from shared.events`;
  expect((await where())[0]?.["partition"]).toBe("shared.events_default");
  const made = await sql.begin((tx) => makeEventPartitions(tx, late));
  expect(made).toEqual(["events_2040_06", "events_2040_07", "events_2040_08", "events_2040_09"]);
  expect(await sql.begin((tx) => makeEventPartitions(tx, late))).toEqual([]);
  expect((await where())[0]?.["partition"]).toBe("shared.events_2040_06");

  const nowMs = Date.UTC(2040, 9, 31);
  const dropped = await sql.begin((tx) => dropEventPartitions(tx, { nowMs, monthsKept: 3 }));
  expect(dropped).toContain("events_2040_06");
  expect(dropped).not.toContain("events_2040_07");
  expect(await where()).toHaveLength(0);
});

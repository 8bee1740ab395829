import { afterAll, expect, test } from "bun:test";
import { type TestDatabase, testDatabase, testVictoriaMetrics } from "../packaging/parts/index.ts";
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

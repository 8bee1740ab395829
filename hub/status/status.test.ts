import { afterAll, expect, test } from "bun:test";
import { type TestDatabase, testDatabase, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { openMetricsStore } from "../metrics/index.ts";
import { checkReady, createMeters } from "./index.ts";

const opened: TestDatabase[] = [];
afterAll(async () => {
  for (const database of opened) await database.close();
});

async function open(): Promise<TestDatabase> {
  const database = await testDatabase();
  opened.push(database);
  return database;
}

test("the meters show what was counted and what the process costs", async () => {
  const meters = createMeters();
  meters.link.eventsStored(7);
  meters.link.refused("hole");
  meters.gatewayWrite(204, 100);
  meters.httpRequest({ method: "BREW", status: 418, seconds: 0.01 });
  const text = await meters.text();
  meters.stop();
  expect(text).toContain("watchpost_events_stored_total 7");
  expect(text).toContain('watchpost_streams_refused_total{reason="hole"} 1');
  expect(text).toContain('watchpost_gateway_writes_total{code="204"} 1');
  expect(text).toContain('method="other",code="418"');
  expect(Number(/process_resident_memory_bytes (\d+)/.exec(text)?.[1])).toBeGreaterThan(10_000_000);
  expect(Number(/process_cpu_seconds_total ([\d.]+)/.exec(text)?.[1])).toBeGreaterThan(0);
});

test("ready with Postgres and a store, and still ready while the store is away", async () => {
  const { sql } = await open();
  const metrics = openMetricsStore(await testVictoriaMetrics());
  expect(await checkReady({ sql, metrics })).toMatchObject({ ready: true, checks: [{ state: "ok" }, { state: "ok" }] });
  const gone = { ...metrics, url: "http://127.0.0.1:1" };
  expect(await checkReady({ sql, metrics: gone })).toMatchObject({ ready: true, checks: [{}, { state: "failed" }] });
  expect(await checkReady({ sql, metrics: undefined })).toMatchObject({ ready: true, checks: [{}, { state: "off" }] });
});

test("not ready without Postgres, with the reason", async () => {
  const database = await testDatabase();
  await database.close();
  const { ready, checks } = await checkReady({ sql: database.sql, metrics: undefined });
  expect(ready).toBe(false);
  expect(checks[0]?.detail).not.toBe("");
});

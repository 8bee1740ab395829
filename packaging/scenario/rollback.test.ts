import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { pino } from "pino";
import { systemTimerClock } from "../../collector/clock.ts";
import { configSchema } from "../../collector/config/index.ts";
import { type RunningCollector, startCollector } from "../../collector/run/index.ts";
import { contextFor } from "../../hub/hub.ts";
import { pushConfig } from "../../hub/link/index.ts";
import { startTestLink, type TestLink } from "../../hub/link/test-link.ts";
import { scratchDir } from "../parts/index.ts";

const log = pino({ level: "silent" });
const WITHIN_MS = 60_000;

let hub: TestLink;
let collector: RunningCollector;
let stallMs = 0;
const clock = { ...systemTimerClock, monotonicMs: () => performance.now() + stallMs };
const dataDir = scratchDir("rollback");

async function start(): Promise<void> {
  const token = await hub.newToken("harbor");
  const config = configSchema.parse({ name: "edge1", dataDir: join(dataDir, "collector"), status: { port: 0 } });
  collector = await startCollector({ config, env: { WATCHPOST_TOKEN: token }, log, clock });
}

beforeAll(async () => {
  hub = await startTestLink();
  await start();
}, 60_000);
afterAll(async () => {
  await collector.stop();
  await hub.stop();
});

async function push(yaml: string): Promise<number> {
  const collectorId = await collectorIdOf();
  return (await pushConfig(contextFor(hub.hub, { kind: "system" }), hub.registry, { collectorId, yaml })).version;
}

async function collectorIdOf(): Promise<string> {
  await until(() => hub.connected.length > 0);
  return hub.connected[0] ?? "";
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${WITHIN_MS} ms: ${isSo.toString()}`);
    await Bun.sleep(50);
  }
}

async function atTheHub(version: number): Promise<{ state: string; reason: string | null } | undefined> {
  const [row] = await hub.hub.sql<{ state: string; reason: string | null }[]>`
    select state, reason from control_plane.collector_configs where version = ${version}`;
  return row;
}

test("a pushed configuration under which the collector stands still is rolled back, and the hub says so", async () => {
  const good = await push("poll: { intervalMs: 5000 }");
  await until(async () => (await atTheHub(good))?.state === "applied");

  const bad = await push("poll: { intervalMs: 6000 }");
  await until(() => collector.status().config.version === bad);
  const from = performance.now();
  stallMs += 4_000;
  await until(async () => (await atTheHub(bad))?.state === "refused");
  expect(performance.now() - from).toBeLessThan(WITHIN_MS);
  expect((await atTheHub(bad))?.reason).toMatch(/^rolled back: the collector did nothing else for \d+ ms$/);
  expect(collector.status().config.version).toBe(good);

  await collector.stop();
  await start();
  await until(() => collector.status().link.isUp);
  expect(collector.status().config.version).toBe(good);
  expect((await atTheHub(good))?.state).toBe("applied");
}, 120_000);

test("an error that nothing caught is held against the configuration on trial", async () => {
  const bad = await push("poll: { intervalMs: 7000 }");
  await until(() => collector.status().config.version === bad);
  collector.failed(new Error("a bug"));
  await until(async () => (await atTheHub(bad))?.state === "refused");
  expect((await atTheHub(bad))?.reason).toBe("rolled back: an error that nothing caught: a bug");
}, 60_000);

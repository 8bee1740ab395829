/** A hub with a running assistant over real Postgres and VictoriaMetrics, for tests. */
import { pino } from "pino";
import { testDatabase, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { type Bus, openBus } from "../bus/index.ts";
import { systemClock } from "../context.ts";
import type { Hub } from "../hub.ts";
import { makeScene } from "../incident/scene.fixture.ts";
import { openMetricsStore } from "../metrics/index.ts";
import { type AssistantOptions, startAssistant } from "./index.ts";

const WRITE_WAIT_MS = 5_000;

export interface TestHub {
  hub: Hub;
  close(): Promise<void>;
}

export async function makeHub(): Promise<TestHub> {
  const database = await testDatabase();
  const bus: Bus = await openBus(database.sql, (error) => {
    throw error;
  });
  const { db, sql } = database;
  const metrics = openMetricsStore(await testVictoriaMetrics());
  const hub: Hub = { db, sql, bus, clock: systemClock, log: pino({ level: "fatal" }), metrics };
  return {
    hub,
    async close() {
      await bus.close();
      await database.close();
    },
  };
}

/** A site whose uplink went down a moment ago: traffic and status in the store, the device behind it silent. */
export async function uplinkDown(hub: Hub, site: string) {
  const scene = await makeScene(hub.db, site);
  const nowMs = scene.clock.ms;
  const lines = Array.from({ length: 60 }, (_, i) => {
    const atMs = nowMs - (59 - i) * 10_000;
    const up = i < 59;
    const labels = `site="${site}",device="core-sw1",interface="Te1/1"`;
    return [
      `if_oper_status{${labels}} ${up ? 1 : 2} ${atMs}`,
      `if_in_octets_total{${labels}} ${Math.min(i, 58) * 12_500_000} ${atMs}`,
      `device_up{site="${site}",device="core-sw1"} 1 ${atMs}`,
      `device_up{site="${site}",device="fw1"} ${up ? 1 : 0} ${atMs}`,
      `cpu_usage_ratio{site="${site}",device="core-sw1",processor="0"} 0.25 ${atMs}`,
    ].join("\n");
  });
  await importSamples(hub, lines.join("\n"));
  await until(async () => (await hub.metrics?.instant(`device_up{site="${site}"} == 0`, nowMs + 1))?.length === 1);
  return scene;
}

export async function importSamples(hub: Hub, body: string): Promise<void> {
  const url = hub.metrics?.url ?? "";
  const response = await fetch(`${url}/api/v1/import/prometheus`, { method: "POST", body });
  if (!response.ok) throw new Error(`VictoriaMetrics refused the samples: ${response.status} ${await response.text()}`);
  await fetch(`${url}/internal/force_flush`);
}

export async function until(done: () => boolean | Promise<boolean>, waitMs = WRITE_WAIT_MS): Promise<void> {
  const end = Date.now() + waitMs;
  while (Date.now() < end) {
    if (await done()) return;
    await Bun.sleep(20);
  }
  throw new Error(`it did not come true within ${waitMs} ms: ${done}`);
}

export function runAssistant(hub: Hub, options: Partial<AssistantOptions> = {}) {
  return startAssistant(hub, { publicUrl: "http://hub.test:8080", ...options });
}

import { afterAll, beforeAll, expect, test } from "bun:test";
import { collectors } from "@watchpost/db/schema";
import { seedSite } from "../../../packaging/browser/seed.ts";
import { testVictoriaMetrics } from "../../../packaging/parts/index.ts";
import { listDevices } from "../../device/index.ts";
import { contextFor } from "../../hub.ts";
import { openMetricsStore } from "../../metrics/index.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { freshnessOf } from "./freshness.ts";
import { openViews, type Source } from "./source.ts";

/** A name of its own: the metrics store is shared with other tests. */
const SITE = `fresh-${process.pid}`;
const SAMPLE_AGE_MS = 3_000;
const OLD_SAMPLE_AGE_MS = 20 * 60_000;

let hub: TestHub;
let source: Source;

beforeAll(async () => {
  const vmUrl = await testVictoriaMetrics();
  hub = await startTestHub();
  hub.hub.metrics = openMetricsStore(vmUrl);
  await seedSite(hub.hub, SITE);
  const sample = (device: string, ageMs: number) =>
    `device_up{site="${SITE}",device="${device}"} 1 ${Date.now() - ageMs}`;
  const body = [sample("core-sw1", SAMPLE_AGE_MS), sample("ups1", OLD_SAMPLE_AGE_MS)].join("\n");
  await fetch(`${vmUrl}/api/v1/import/prometheus`, { method: "POST", body });
  await fetch(`${vmUrl}/internal/force_flush`);
  const ctx = contextFor(hub.hub, { kind: "system" });
  source = { ...openViews(hub.hub), ctx, role: "viewer", nowMs: Date.now() };
}, 60_000);

afterAll(() => hub.close());

async function shown() {
  const { devices } = await listDevices(source.ctx, { site: SITE });
  const fresh = await freshnessOf(source, devices);
  return Object.fromEntries(
    devices.map((device) => {
      const { lastHeardAt, ...rest } = fresh(device);
      return [device.name, { ageMs: Date.now() - (lastHeardAt?.getTime() ?? 0), ...rest }];
    }),
  );
}

test("a device was heard when its newest sample says, also long ago; without one, when its inventory says", async () => {
  const { "core-sw1": fresh, fw1: inventory, ups1: silent } = await shown();
  expect(fresh).toMatchObject({ bySample: true });
  expect(fresh?.ageMs).toBeLessThan(8_000);
  expect(inventory).toMatchObject({ bySample: false });
  expect(inventory?.ageMs).toBeGreaterThanOrEqual(8_000);
  expect(silent).toMatchObject({ bySample: true });
  expect(silent?.ageMs).toBeGreaterThanOrEqual(OLD_SAMPLE_AGE_MS);
});

test("while its collector is away, a device's state is as of the time it was last heard", async () => {
  expect((await shown())["fw1"]).not.toHaveProperty("asOf");
  const seenAt = new Date(Date.now() - 60_000);
  await hub.hub.db.update(collectors).set({ status: "disconnected", lastSeenAt: seenAt });
  const { "core-sw1": sampled } = await shown();
  expect(sampled?.asOf?.getTime()).toBeGreaterThan(seenAt.getTime());
});

test("a metrics store that does not answer costs no page", async () => {
  const metrics = openMetricsStore("http://127.0.0.1:1");
  const views = openViews({ ...hub.hub, metrics });
  expect(await views.sampleTimes.of([{ site: SITE, name: "core-sw1" }])).toEqual(new Map());
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { testVictoriaMetrics } from "../../../packaging/parts/index.ts";
import { openMetricsStore } from "../../metrics/index.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { readTraffic } from "./rate.ts";
import { openSpacing } from "./spacing.ts";

const SITE = `spacing-${process.pid}`;
const HOUR_MS = 3_600_000;
const OCTETS_A_SECOND = 125_000;

let hub: TestHub;

/** A device polled every so many seconds for an hour, with traffic of 1 Mbit/s. */
function polled(device: string, everyS: number, skip: (agoMs: number) => boolean = () => false): string[] {
  const endMs = Date.now();
  const labels = `site="${SITE}",device="${device}"`;
  return Array.from({ length: Math.floor(HOUR_MS / 1000 / everyS) }, (_, index) => endMs - index * everyS * 1000)
    .filter((atMs) => !skip(endMs - atMs))
    .flatMap((atMs) => [
      `device_up{${labels}} 1 ${atMs}`,
      `if_in_octets_total{${labels},interface="1"} ${Math.round((atMs / 1000 - endMs / 1000 + 7_200) * OCTETS_A_SECOND)} ${atMs}`,
    ]);
}

const wasAway = (agoMs: number) => agoMs > 60_000 && agoMs < 600_000;

beforeAll(async () => {
  const vmUrl = await testVictoriaMetrics();
  hub = await startTestHub();
  hub.hub.metrics = openMetricsStore(vmUrl);
  const body = [...polled("fast", 5), ...polled("gapped", 10, wasAway), ...polled("slow", 300)].join("\n");
  await fetch(`${vmUrl}/api/v1/import/prometheus`, { method: "POST", body });
  await fetch(`${vmUrl}/internal/force_flush`);
}, 60_000);

afterAll(() => hub.close());

test("a rate is taken over four samples of the device, whatever its poll interval, and a gap does not widen it", async () => {
  const spacing = openSpacing(hub.hub);
  const windowOf = (device: string) => spacing.windowOf({ site: SITE, device });
  expect(await windowOf("fast")).toBe(60);
  expect(await windowOf("gapped")).toBe(60);
  expect(await windowOf("slow")).toBeWithin(1_100, 1_500);
  expect(await windowOf("nobody")).toBe(240);
});

test("a device polled every five minutes has an unbroken line of traffic", async () => {
  const labels = { site: SITE, device: "slow" };
  const windowS = await openSpacing(hub.hub).windowOf(labels);
  const metrics = openMetricsStore(hub.hub.metrics?.url ?? "");
  const traffic = await readTraffic(metrics, { ...labels, interface: "1", range: "1h", nowMs: Date.now(), windowS });
  const lastHalf = traffic.in.slice(-120);
  expect(lastHalf.filter((value) => value === null)).toEqual([]);
  expect(lastHalf.at(-1)).toBeCloseTo(OCTETS_A_SECOND * 8, -4);
});

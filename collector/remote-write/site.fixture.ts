import pino from "pino";
import { scratchDir, testVictoriaMetrics } from "../../packaging/parts/index.ts";
import { expect } from "bun:test";
import { systemClock } from "../clock.ts";
import { listOf, type SampleBatch } from "../sample/index.ts";
import { type Gap, openSpool, type Spool } from "../spool/index.ts";
import { createShipper, directTarget, type RemoteWriteTarget, type Shipper } from "./index.ts";
import { TestGateway } from "./test-gateway.fixture.ts";

export const log = pino({ level: "silent" });
export const cleanup: (() => unknown)[] = [];

/** For afterEach: stops what the helpers below started. */
export async function stopAll(): Promise<void> {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
}

let sites = 0;
export interface Site {
  name: string;
  storeUrl: string;
  gateway: TestGateway;
  spool: Spool;
  gaps: Gap[];
  appended: Map<string, number>;
}

export async function site(store?: string): Promise<Site> {
  sites += 1;
  const storeUrl = store ?? (await testVictoriaMetrics());
  const gateway = await TestGateway.start(storeUrl);
  const gaps: Gap[] = [];
  const onGap = async (gap: Gap) => void gaps.push(gap);
  const spool = openSpool({ dir: scratchDir("ship"), bytesMax: 1e8, clock: systemClock, log, onGap, bucketMs: 2 });
  cleanup.push(
    () => gateway.close(),
    () => spool.close(),
  );
  return { name: `ship-${process.pid}-${sites}`, storeUrl, gateway, spool, gaps, appended: new Map() };
}

export function ship(spool: Spool, target: RemoteWriteTarget, clock = systemClock): Shipper {
  const shipper = createShipper({ spool, target, clock, random: () => 0, log, gatherMs: 0 });
  cleanup.push(() => shipper.stop());
  shipper.start();
  return shipper;
}

export function direct(s: Site, timeoutMs = 2_000): RemoteWriteTarget {
  return directTarget({ url: s.gateway.url, site: s.name, collectorId: "c1", timeoutMs });
}

const known = listOf(
  Array.from({ length: 30 }, (_, id) => ({
    name: "if_in_octets_total",
    labels: { device: "core-sw1", interface: `Te1/${id} "ü"\n` },
  })),
);
export const base = Date.now() - 3_600_000;

export async function append(s: Site, from: number, count: number): Promise<void> {
  for (let poll = from; poll < from + count; poll += 1) {
    const values = Float64Array.from(known, (series) =>
      series.id === 7 ? 2 ** 53 - poll : poll * 1_234.5 + series.id / 4,
    );
    const batch: SampleBatch = { device: "core-sw1", takenAtMs: base + poll * 1_000, series: known, values };
    for (const { id, labels } of known)
      s.appended.set(`${labels["interface"]}@${batch.takenAtMs}`, values[id] ?? Number.NaN);
    await s.spool.append(batch);
  }
}

export async function until(condition: () => boolean, deadlineMs = 8_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await Bun.sleep(10);
  }
}

/** Everything the store has of the site; a sample that it holds twice with two values fails. */
export async function stored(s: Site): Promise<Map<string, number>> {
  const { storeUrl } = s;
  await fetch(`${storeUrl}/internal/force_flush`);
  const query = new URLSearchParams({ "match[]": `{site="${s.name}",collector="c1"}`, start: "0" });
  const text = await (await fetch(`${storeUrl}/api/v1/export?${query}`)).text();
  const samples = new Map<string, number>();
  for (const line of text.split("\n").filter((l) => l !== "")) {
    const { metric, values, timestamps } = JSON.parse(line) as {
      metric: Record<string, string>;
      values: number[];
      timestamps: number[];
    };
    timestamps.forEach((time, i) => {
      const key = `${metric["interface"]}@${time}`;
      const value = values[i] as number;
      expect(samples.get(key) ?? value).toBe(value);
      samples.set(key, value);
    });
  }
  return samples;
}

export async function expectAllStored(s: Site): Promise<void> {
  await until(() => s.spool.pending().blocks === 0);
  const found = await stored(s);
  expect(found.size).toBe(s.appended.size);
  for (const [key, value] of s.appended) expect(found.get(key)).toBe(value);
}

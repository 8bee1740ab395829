import { startVictoriaMetrics } from "@watchpost/db/embedded";
import type { SampleBatch } from "@watchpost/collector/sample/sample.ts";
import type { Result } from "./result.ts";

/** VictoriaMetrics keeps twelve digits of a float. */
const STORE_PRECISION = 1e-11;
const VISIBLE_WITHIN_MS = 15_000;

export interface BenchStore {
  url: string;
  stop(): Promise<void>;
}

export async function startStore(dir: string): Promise<BenchStore> {
  const store = await startVictoriaMetrics({ dir });
  if (store.kind === "missing") throw new Error(`the bench needs VictoriaMetrics: ${store.reason}`);
  return store;
}

/** Every value and time that the store has of a device against what was sent. */
export async function checkStored(
  report: Result,
  options: { url: string; site: string; device: string; batches: SampleBatch[] },
): Promise<void> {
  const { url, site, device, batches } = options;
  const sent = batches.filter((batch) => batch.device === device);
  const wanted = sent.reduce((sum, { values }) => sum + values.length, 0);
  const deadline = performance.now() + VISIBLE_WITHIN_MS;
  let stored = await exported(url, { site, device });
  while (stored.size < wanted && performance.now() < deadline) {
    await Bun.sleep(500);
    stored = await exported(url, { site, device });
  }
  let expected = 0;
  for (const { series, values, takenAtMs } of sent) {
    for (const [index, { name, labels }] of [...series].entries()) {
      expected += 1;
      const key = `${keyOf({ ...labels, __name__: name, site, collector: "bench" })}@${takenAtMs}`;
      const [got = Number.NaN, value = Number.NaN] = [stored.get(key), values[index]];
      report.check(
        Math.abs(got - value) <= STORE_PRECISION * Math.abs(value),
        `${url} ${key}: stored ${got}, sent ${value}`,
      );
    }
  }
  report.check(stored.size === expected, `${device}: ${stored.size} samples stored, ${expected} sent`);
}

/** What a store takes it shows a little later, on a loaded machine more than a little. */
async function exported(url: string, labels: { site: string; device: string }): Promise<Map<string, number>> {
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ "match[]": `{site="${labels.site}",device="${labels.device}"}`, start: "0" });
  const answer = await fetch(`${url}/api/v1/export?${query}`);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status} to an export: ${await answer.text()}`);
  const stored = new Map<string, number>();
  for (const line of (await answer.text()).split("\n").filter((one) => one !== "")) {
    const { metric, values, timestamps } = JSON.parse(line) as Exported;
    timestamps.forEach((time, index) => stored.set(`${keyOf(metric)}@${time}`, values[index] ?? Number.NaN));
  }
  return stored;
}

interface Exported {
  metric: Record<string, string>;
  values: number[];
  timestamps: number[];
}

function keyOf(labels: Record<string, string>): string {
  return Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join();
}

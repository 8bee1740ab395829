import { startVictoriaMetrics } from "@watchpost/db/embedded";
import type { SampleBatch } from "@watchpost/collector/sample/sample.ts";
import type { Result } from "./result.ts";

/** VictoriaMetrics keeps twelve digits of a float. */
const STORE_PRECISION = 1e-11;

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
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ "match[]": `{site="${site}",device="${device}"}`, start: "0" });
  const text = await (await fetch(`${url}/api/v1/export?${query}`)).text();
  const stored = new Map<string, number>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const { metric, values, timestamps } = JSON.parse(line) as Exported;
    timestamps.forEach((time, index) => stored.set(`${keyOf(metric)}@${time}`, values[index] ?? Number.NaN));
  }
  let expected = 0;
  for (const { series, values, takenAtMs } of batches.filter((batch) => batch.device === device)) {
    series.forEach(({ name, labels }, index) => {
      expected += 1;
      const key = `${keyOf({ ...labels, __name__: name, site, collector: "bench" })}@${takenAtMs}`;
      const [got = Number.NaN, sent = Number.NaN] = [stored.get(key), values[index]];
      report.check(Math.abs(got - sent) <= STORE_PRECISION * Math.abs(sent), `${key}: stored ${got}, sent ${sent}`);
    });
  }
  report.check(stored.size === expected, `${device}: ${stored.size} samples stored, ${expected} sent`);
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

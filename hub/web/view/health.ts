import type { HealthView, Range, StillChartView } from "@watchpost/ui";
import type { Hub } from "../../hub.ts";
import { type MetricsStore, selector } from "../../metrics/index.ts";
import { scaleFor } from "./evidence-chart.ts";
import { gridOf } from "./rate.ts";
import { onGrid } from "./spark.ts";

const KEPT_MS = 15_000;
const KEPT_MAX = 200;
const SENSORS_SHOWN_MAX = 12;

interface DeviceLabels {
  device: string;
  site: string;
}

interface Measure {
  title: string;
  lines: readonly { name: string; query: (labels: DeviceLabels) => string }[];
}

const of = (metric: string) => (labels: DeviceLabels) => selector(metric, { ...labels });
const cpu = of("cpu_usage_ratio");
const memory = of("memory_usage_ratio");
const storage = ({ device, site }: DeviceLabels) => selector("storage_usage_ratio", { device, site, kind: "disk" });
const temperature = ({ device, site }: DeviceLabels) =>
  selector("sensor_value", { device, site, class: "temperature", unit: "celsius" });

/** One line a measure: the one that would be noticed first. */
const MEASURES: readonly Measure[] = [
  {
    title: "CPU",
    lines: [
      { name: "busiest", query: (at) => `max(${cpu(at)})` },
      { name: "average", query: (at) => `avg(${cpu(at)})` },
    ],
  },
  { title: "Memory", lines: [{ name: "used", query: (at) => `max(${memory(at)})` }] },
  { title: "Storage", lines: [{ name: "fullest", query: (at) => `max(${storage(at)})` }] },
  { title: "Temperature", lines: [{ name: "warmest", query: (at) => `max(${temperature(at)})` }] },
];

/** CPU, memory, storage and sensors of a device, as far as it tells of them. */
export interface Health {
  of(labels: DeviceLabels, range: Range): Promise<HealthView>;
}

/** Kept for 15 s a device and range; a store that does not answer leaves the section empty. */
export function openHealth(hub: Hub): Health {
  const kept = new Map<string, { atMs: number; view: Promise<HealthView> }>();

  async function ask(metrics: MetricsStore, labels: DeviceLabels, range: Range): Promise<HealthView> {
    try {
      const grid = gridOf(range, hub.clock.nowMs());
      const [charts, sensors] = await Promise.all([
        Promise.all(MEASURES.map((measure) => chartOf(metrics, measure, { labels, grid }))),
        metrics.instant(selector("sensor_state", { ...labels })),
      ]);
      const bad = sensors.filter(({ value }) => value > 0);
      return {
        charts: charts.filter((chart) => chart !== undefined),
        sensors: sensors.length,
        bad: bad.slice(0, SENSORS_SHOWN_MAX).map((sensor) => ({
          name: sensor.labels["sensor"] ?? "",
          state: SENSOR_WORDS[sensor.value] ?? "unknown",
        })),
      };
    } catch (error) {
      hub.log.warn({ err: error, ...labels }, "health could not be read; the device page goes without");
      return NOTHING;
    }
  }

  return {
    of(labels, range) {
      if (!hub.metrics) return Promise.resolve(NOTHING);
      const key = `${labels.site}/${labels.device}?${range}`;
      const nowMs = hub.clock.nowMs();
      const known = kept.get(key);
      if (known && nowMs - known.atMs < KEPT_MS) return known.view;
      const view = ask(hub.metrics, labels, range);
      kept.delete(key);
      kept.set(key, { atMs: nowMs, view });
      const oldest = kept.size > KEPT_MAX ? kept.keys().next() : undefined;
      if (oldest && !oldest.done) kept.delete(oldest.value);
      return view;
    },
  };
}

const NOTHING: HealthView = { charts: [], sensors: 0, bad: [] };
const SENSOR_WORDS: Readonly<Record<number, string>> = { 1: "warning", 2: "failed", 3: "unknown" };

interface Asked {
  labels: DeviceLabels;
  grid: ReturnType<typeof gridOf>;
}

/** Undefined where the device tells nothing of it. */
async function chartOf(
  metrics: MetricsStore,
  { title, lines }: Measure,
  { labels, grid }: Asked,
): Promise<StillChartView | undefined> {
  const answers = await Promise.all(lines.map(({ query }) => metrics.range({ query: query(labels), ...grid })));
  const series = lines.flatMap(({ name }, index) => {
    const [answer] = answers[index] ?? [];
    return answer ? [{ name, values: onGrid(answer, grid) }] : [];
  });
  if (series.length === 0) return undefined;
  const names = lines.map(({ query }) => query(labels)).join(" ");
  return { title, ...grid, series, scale: scaleFor(names, []) };
}

import { z } from "zod";
import type { MetricsStore, RangeSeries } from "../../metrics/index.ts";
import { judgeSeries, type Summary, summaryOf } from "./judge-series.ts";
import { MEASURES, type MeasurePlace, promqlOf } from "./measure.ts";
import { LIST_MAX, type Observation, type Tool, type ToolScope } from "./tool.ts";

const BEFORE_MS = 15 * 60_000;
const AFTER_MAX_MS = 15 * 60_000;
const STEP_S = 15;
/** The sample that shows the fault may be a moment behind the event that tells of it. */
const FRESH_WAIT_MS = 2_000;
const FRESH_POLL_MS = 250;
/** VictoriaMetrics shows nothing of its last second: it repeats the value before. */
const HIDDEN_MS = 1_100;

const parameters = z.object({
  measure: z.enum(MEASURES),
  device: z.string().min(1).max(253).optional(),
  interface: z.string().min(1).max(253).optional(),
});

/** Numbers around the event, from the metrics store. */
export const metricsTool: Tool<typeof parameters> = {
  name: "metrics",
  description:
    "Numbers around the time of the incident: interface status, traffic and errors; whether devices answer; cpu, memory, storage, sensors; how long a poll takes. Give device, and interface for the interface measures.",
  parameters,
  async run(env, scope, { measure, device, interface: port }): Promise<Observation> {
    const place: MeasurePlace = { site: scope.site, device, interface: port };
    const query = promqlOf(measure, place);
    const range = rangeOf(scope);
    const queryArguments = { measure, ...(device && { device }), ...(port && { interface: port }), ...range };
    const title = [device ?? scope.site, port, measure.replaceAll("-", " ")].filter(Boolean).join(" ");
    if (!env.metrics) {
      const finding = "there is no metrics store, so nothing can be said about numbers. Set VM_URL.";
      return { title, query, queryArguments, finding, severity: "info", result: { series: [] }, signals: [] };
    }
    if (measure === "interface-status" || measure === "device-up") await fresh(env.metrics, query, scope);
    await Bun.sleep(Math.min(HIDDEN_MS, Math.max(0, range.endMs + HIDDEN_MS - env.clock.nowMs())));
    const all = await env.metrics.range({ query, ...range });
    const series = all.slice(0, LIST_MAX);
    const summaries = series.map((s) => summaryOf(s, scope.aboutMs)).filter((s): s is Summary => s !== undefined);
    const judgement = judgeSeries({ measure, place, aboutMs: scope.aboutMs, series, summaries });
    return { title, query, queryArguments, ...judgement, result: { series: series.map(stored), summaries } };
  },
};

function rangeOf({ aboutMs, nowMs }: ToolScope) {
  return {
    startMs: aboutMs - BEFORE_MS,
    endMs: Math.max(aboutMs, Math.min(nowMs, aboutMs + AFTER_MAX_MS)),
    stepS: STEP_S,
  };
}

/** Waits, at most two seconds, until the store has a sample that is as new as the event. */
async function fresh(store: MetricsStore, query: string, { aboutMs, nowMs }: ToolScope): Promise<void> {
  if (nowMs - aboutMs > AFTER_MAX_MS) return;
  const tries = FRESH_WAIT_MS / FRESH_POLL_MS;
  for (let i = 0; i < tries; i += 1) {
    const newest = await store.instant(`timestamp(${query})`);
    const [first] = newest;
    // Without any sample there is nothing to wait for.
    if (!first || newest.some((s) => s.value * 1000 >= aboutMs - 1)) return;
    await Bun.sleep(FRESH_POLL_MS);
  }
}

/** JSON has no NaN: a value that is none is null. */
function stored({ labels, timestamps, values }: RangeSeries) {
  return { labels, timestamps, values: values.map((value) => (Number.isFinite(value) ? value : null)) };
}

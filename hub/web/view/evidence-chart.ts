import {
  bitRate,
  byteSize,
  count,
  durationMs,
  type EvidenceBody,
  percent,
  type StillScale,
  type StillSeries,
} from "@watchpost/ui";
import { z } from "zod";
import type { EvidenceRow } from "../../incident/index.ts";
import { cell } from "./evidence-table.ts";
import { onGrid } from "./spark.ts";

const SERIES_MAX = 12;
const POINTS_MAX = 600;
/** Labels that are the same for the whole site say nothing in a legend. */
const QUIET_LABELS = new Set(["__name__", "site", "collector"]);

/** What a body is made of: an evidence row without its keys. */
export type ShownEvidence = Pick<EvidenceRow, "tool" | "title" | "query" | "queryArguments" | "result">;

const rangeResult = z.looseObject({
  series: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      timestamps: z.array(z.number()),
      values: z.array(z.number().nullable()),
    }),
  ),
});
const rangeArguments = z.looseObject({
  startMs: z.number(),
  endMs: z.number(),
  stepS: z.number().positive(),
  measure: z.string().default(""),
  scope: z.looseObject({ aboutMs: z.number() }).optional(),
});

/** A range of numbers as a chart with the event marked; undefined when the answer is something else. */
export function chartBody(evidence: ShownEvidence): EvidenceBody | undefined {
  const answer = rangeResult.safeParse(evidence.result);
  const asked = rangeArguments.safeParse(evidence.queryArguments);
  if (!answer.success || !asked.success) return undefined;
  if (answer.data.series.length === 0) return { kind: "text", text: "The metrics store holds nothing for this." };
  const { startMs, endMs, measure, scope } = asked.data;
  const stepS = Math.max(asked.data.stepS, (endMs - startMs) / 1000 / POINTS_MAX);
  const series: StillSeries[] = answer.data.series.slice(0, SERIES_MAX).map(({ labels, timestamps, values }) => ({
    name: nameOf(labels),
    values: onGrid({ timestamps, values: values.map((value) => value ?? Number.NaN) }, { startMs, endMs, stepS }),
  }));
  const scale = scaleFor(
    `${measure} ${evidence.query}`,
    series.flatMap((one) => one.values),
  );
  const event = scope === undefined ? {} : { eventMs: scope.aboutMs };
  return { kind: "chart", chart: { title: evidence.title, startMs, endMs, series, scale, ...event } };
}

function nameOf(labels: Record<string, string>): string {
  const parts = Object.entries(labels).flatMap(([name, value]) => (QUIET_LABELS.has(name) ? [] : [value]));
  return cell(parts.length === 0 ? "value" : parts.join(" "));
}

/** The unit follows from the names; a utilisation is a share although its query speaks of octets. */
export function scaleFor(names: string, values: readonly (number | null)[]): StillScale {
  if (/if_oper_status/.test(names)) return stateScale(OPER_STATES, values);
  if (/sensor_state/.test(names)) return stateScale(SENSOR_STATES, values);
  if (/device_up/.test(names)) return { kind: "state", levels: REACHABLE };
  return { kind: "amount", format: formatFor(names) };
}

function formatFor(names: string): (value: number) => string {
  if (/utilisation|_ratio/.test(names)) return percent;
  if (/octets/.test(names)) return bitRate;
  if (/_bytes/.test(names)) return byteSize;
  if (/celsius/.test(names)) return (value) => `${count(value)} °C`;
  if (/_seconds/.test(names)) return (value) => durationMs(value * 1000);
  if (/rate\(/.test(names)) return (value) => `${count(value)}/s`;
  return count;
}

/** Top to bottom; of what is neither the best nor the worst only what occurs. */
const OPER_STATES = [
  { value: 1, word: "up", always: true },
  { value: 5, word: "dormant" },
  { value: 3, word: "testing" },
  { value: 4, word: "unknown" },
  { value: 6, word: "not there" },
  { value: 7, word: "lower down" },
  { value: 2, word: "down", always: true },
];
const SENSOR_STATES = [
  { value: 0, word: "ok", always: true },
  { value: 3, word: "unknown" },
  { value: 1, word: "warning" },
  { value: 2, word: "failed", always: true },
];
const REACHABLE = [
  { value: 1, word: "answers" },
  { value: 0, word: "silent" },
];

function stateScale(states: typeof OPER_STATES, values: readonly (number | null)[]): StillScale {
  return { kind: "state", levels: states.filter(({ value, always }) => always === true || values.includes(value)) };
}

import { EventKind } from "@watchpost/proto";
import type { RuleConfig } from "../config/index.ts";
import type { Series } from "../sample/sample.ts";
import type { Finding, Numbers, Scene } from "./finding.ts";
import { fingerprintOf } from "./kind.ts";
import { SEVERITY_OF } from "./severity.ts";
import { formatNumber, tame } from "./text.ts";

/** How far inside the limit a value has to be for the event to end, when the rule does not say. */
const CLEAR_MARGIN = 0.05;
/** The label that names the part of the device, by preference. */
const OBJECT_LABELS = ["interface", "processor", "storage", "sensor"];

/** The configured limits over the numbers of one poll, the same that go to the metrics store. */
export function judgeThresholds(numbers: Numbers, scene: Scene): Finding[] {
  if (scene.rules.length === 0) return orphans(scene);
  const byMetric = Map.groupBy(scene.rules, (rule) => rule.metric);
  const findings: Finding[] = [];
  for (let i = 0; i < numbers.series.length; i++) {
    const rules = byMetric.get(numbers.series.name(i));
    if (!rules) continue;
    const series = numbers.series.at(i);
    const value = numbers.values[i] ?? Number.NaN;
    const rate = rules.some((rule) => rule.rate) ? ratePerSecond(series, value, numbers.takenAtMs, scene) : undefined;
    for (const rule of rules) {
      const judged = rule.rate ? rate : value;
      if (judged === undefined || !Number.isFinite(judged)) continue;
      const finding = judge(rule, series, judged, scene);
      if (finding) findings.push(finding);
    }
  }
  return [...findings, ...orphans(scene)];
}

function judge(rule: RuleConfig, series: Series, value: number, scene: Scene): Finding | undefined {
  const { memory, device } = scene;
  const { object, title } = partOf(series);
  const fingerprint = fingerprintOf({ kind: EventKind.THRESHOLD, device: device.name, object, rule: rule.name });
  const firing = scene.isFiring(fingerprint);
  const shown = `${rule.metric}${rule.rate ? " per second" : ""}${title === "" ? "" : ` of ${title}`}`;
  if (firing && isCleared(rule, value)) {
    memory.streaks.delete(fingerprint);
    return { kind: "ended", fingerprint, summary: `${device.name}: ${shown} is ${formatNumber(value)} again` };
  }
  const streak = isBeyond(rule, value) ? (memory.streaks.get(fingerprint) ?? 0) + 1 : 0;
  if (streak === 0) memory.streaks.delete(fingerprint);
  else memory.streaks.set(fingerprint, streak);
  if (!firing && streak < rule.polls) return undefined;
  const limit = rule.above ?? rule.below ?? 0;
  const side = rule.above === undefined ? "below" : "above";
  return {
    kind: "stands",
    condition: {
      kind: EventKind.THRESHOLD,
      object,
      rule: rule.name,
      severity: SEVERITY_OF[rule.severity],
      summary: `${device.name}: ${shown} is ${formatNumber(value)}, ${side} ${formatNumber(limit)} (${rule.name})`,
      attributes: {
        ...labelsOf(series),
        metric: rule.metric,
        rule: rule.name,
        value: formatNumber(value),
        [side]: formatNumber(limit),
        rate: String(rule.rate),
        polls: String(streak),
      },
    },
  };
}

function isBeyond(rule: RuleConfig, value: number): boolean {
  return rule.above !== undefined ? value > rule.above : rule.below !== undefined && value < rule.below;
}

function isCleared(rule: RuleConfig, value: number): boolean {
  if (rule.above !== undefined) return value <= (rule.clear ?? rule.above - Math.abs(rule.above) * CLEAR_MARGIN);
  const limit = rule.below ?? 0;
  return value >= (rule.clear ?? limit + Math.abs(limit) * CLEAR_MARGIN);
}

/** Undefined on the first value and when the counter started anew. */
function ratePerSecond(series: Series, value: number, atMs: number, { memory }: Scene): number | undefined {
  const last = memory.lastValues.get(series.id);
  memory.lastValues.set(series.id, { value, atMs });
  if (!last || atMs <= last.atMs || value < last.value) return undefined;
  return ((value - last.value) * 1_000) / (atMs - last.atMs);
}

/** Open events of rules that are no longer configured. */
function orphans({ memory, rules, device }: Scene): Finding[] {
  if (memory.firing.size === 0) return [];
  const names = new Set(rules.map((rule) => rule.name));
  return [...memory.firing.values()]
    .filter((f) => f.kind === EventKind.THRESHOLD && !names.has(f.rule ?? ""))
    .map((f) => ({
      kind: "ended",
      fingerprint: f.fingerprint,
      summary: `${device.name}: rule ${f.rule ?? ""} is no longer configured`,
    }));
}

/** The part of the device that the series is about: its name in fingerprints, and for a person. */
function partOf(series: Series): { object: string; title: string } {
  const label = OBJECT_LABELS.find((name) => series.labels[name] !== undefined);
  if (label !== undefined) {
    const object = tame(series.labels[label] ?? "");
    return { object, title: `${label} ${object}` };
  }
  const others = Object.values(labelsOf(series)).join(",");
  return { object: others === "" ? series.name : others, title: others };
}

function labelsOf(series: Series): Record<string, string> {
  const entries = Object.entries(series.labels).filter(([label]) => label !== "device");
  return Object.fromEntries(entries.map(([label, value]) => [label, tame(value)]));
}

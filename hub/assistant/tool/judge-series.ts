import type { RangeSeries } from "../../metrics/index.ts";
import { bitRate, counted, figure, operStatus, percent } from "./amount.ts";
import { listed, type Observation, type Signal } from "./tool.ts";
import type { Measure, MeasurePlace } from "./measure.ts";

export type Judgement = Pick<Observation, "finding" | "severity" | "signals">;

export interface Judged {
  measure: Measure;
  place: MeasurePlace;
  aboutMs: number;
  series: readonly RangeSeries[];
  /** By series: what its numbers come to. */
  summaries: readonly Summary[];
}

export interface Summary {
  labels: Record<string, string>;
  /** Mean of what lies before the event; null when nothing does. */
  before: number | null;
  last: number;
  lastAtMs: number;
  max: number;
}

export function summaryOf(series: RangeSeries, aboutMs: number): Summary | undefined {
  const last = series.values.at(-1);
  const lastAt = series.timestamps.at(-1);
  if (last === undefined || lastAt === undefined) return undefined;
  const before = series.values.filter(
    (value, i) => (series.timestamps[i] ?? 0) * 1000 < aboutMs && Number.isFinite(value),
  );
  return {
    labels: series.labels,
    before: before.length === 0 ? null : round(before.reduce((sum, value) => sum + value, 0) / before.length),
    last: round(last),
    lastAtMs: lastAt * 1000,
    max: round(Math.max(...series.values)),
  };
}

const TRAFFIC_BPS_MIN = 1_000;
const STOPPED_RATIO = 0.02;
const ERRORS_PER_SECOND_MIN = 0.5;
const RESOURCE_HIGH = 0.9;
const UTILISATION_HIGH = 0.8;
const SLOW_RATIO = 3;

/** What the numbers mean for the question why. */
export function judgeSeries(judged: Judged): Judgement {
  const { measure, place, summaries } = judged;
  const [first] = summaries;
  if (!first) return nothing(measure, place);
  switch (measure) {
    case "interface-status":
      return status(place, first);
    case "interface-in-rate":
    case "interface-out-rate":
      return traffic(measure, place, first);
    case "interface-utilisation":
      return utilisation(place, first);
    case "interface-errors":
      return errors(place, first);
    case "device-up":
      return reachability(place, first);
    case "site-down-devices":
      return downDevices(summaries);
    case "cpu":
    case "memory":
    case "storage":
      return resource(measure, place, summaries);
    case "sensors":
      return sensors(place, summaries);
    case "poll-duration":
      return duration(place, first);
  }
}

/** An empty answer is a good sign for what asks "which are bad", and no sign at all for the rest. */
function nothing(measure: Measure, place: MeasurePlace): Judgement {
  const of = nameOf(place);
  const calm: Partial<Record<Measure, string>> = {
    "site-down-devices": `every polled device of ${place.site} answers, as far as the store knows`,
    sensors: `no sensor of ${of} is in a bad state`,
    storage: `no storage of ${of} is fuller than 80 %`,
  };
  return {
    finding: calm[measure] ?? `the store has no samples of ${measure} of ${of} in this time`,
    severity: "info",
    signals: [],
  };
}

function status(place: MeasurePlace, { last, before }: Summary): Judgement {
  const down = last !== 1;
  // A mean that is no whole number means that it changed meanwhile.
  const was = before === null ? "" : Number.isInteger(before) ? `, ${operStatus(before)} before` : ", unsteady before";
  return {
    finding: `${nameOf(place)} is ${operStatus(last)} (operational status ${last})${was}`,
    severity: down ? "error" : "info",
    signals: [{ kind: down ? "oper-status-down" : "oper-status-up", ...whereOf(place), strength: 1 }],
  };
}

function traffic(measure: Measure, place: MeasurePlace, { before, last }: Summary): Judgement {
  const direction = measure === "interface-in-rate" ? "in" : "out";
  const stopped = before !== null && before > TRAFFIC_BPS_MIN && last < before * STOPPED_RATIO;
  return {
    finding: `traffic ${direction} of ${nameOf(place)}: ${bitRate(last)} now, ${before === null ? "unknown" : bitRate(before)} on average before`,
    severity: stopped ? "warning" : "info",
    signals: stopped ? [{ kind: "traffic-stopped", ...whereOf(place), strength: 1 }] : [],
  };
}

function utilisation(place: MeasurePlace, { last, max }: Summary): Judgement {
  const high = max >= UTILISATION_HIGH;
  return {
    finding: `utilisation of ${nameOf(place)}: ${percent(last)} of line rate now, at most ${percent(max)}`,
    severity: high ? "warning" : "info",
    signals: high ? [{ kind: "utilisation-high", ...whereOf(place), strength: Math.min(1, max) }] : [],
  };
}

function errors(place: MeasurePlace, { before, last, max }: Summary): Judgement {
  const rising = max >= ERRORS_PER_SECOND_MIN && max > (before ?? 0) * 2;
  const strength = Math.min(1, max / 10 + 0.5);
  return {
    finding: `errors of ${nameOf(place)}: ${figure(last)} a second now, at most ${figure(max)}, ${before === null ? "unknown" : figure(before)} on average before`,
    severity: rising ? "warning" : "info",
    signals: rising ? [{ kind: "errors-rising", ...whereOf(place), strength }] : [],
  };
}

function reachability(place: MeasurePlace, { last, lastAtMs }: Summary): Judgement {
  const answers = last === 1;
  return {
    finding: `${nameOf(place)} ${answers ? "answers" : "does not answer"} (newest sample of ${iso(lastAtMs)})`,
    severity: answers ? "info" : "error",
    signals: [{ kind: answers ? "answering" : "not-answering", ...whereOf(place), strength: 1 }],
  };
}

function downDevices(summaries: readonly Summary[]): Judgement {
  const names = summaries.map((s) => s.labels["device"] ?? "").filter((name) => name !== "");
  return {
    finding: `${counted(names.length, "device does", "devices do")} not answer: ${listed(names)}`,
    severity: "error",
    signals: names.map((device): Signal => ({ kind: "not-answering", device, strength: 1 })),
  };
}

function resource(measure: Measure, place: MeasurePlace, summaries: readonly Summary[]): Judgement {
  const top = summaries.toSorted((a, b) => b.max - a.max)[0];
  if (!top) return nothing(measure, place);
  const high = top.max >= RESOURCE_HIGH;
  const which = top.labels["storage"] === undefined ? "" : ` ${top.labels["storage"]}`;
  return {
    finding: `${measure}${which} of ${nameOf(place)}: ${percent(top.last)} now, at most ${percent(top.max)}`,
    severity: high ? "warning" : "info",
    signals: high ? [{ kind: "resource-high", ...whereOf({ ...place, interface: undefined }), strength: top.max }] : [],
  };
}

const SENSOR_STATES: Readonly<Record<number, string>> = { 1: "warning", 2: "failed", 3: "unknown" };

function sensors(place: MeasurePlace, summaries: readonly Summary[]): Judgement {
  const failed = summaries.filter((s) => s.last === 2);
  const names = summaries.map((s) => `${s.labels["sensor"] ?? "?"} (${SENSOR_STATES[s.last] ?? s.last})`);
  return {
    finding: `sensors of ${nameOf(place)} in a bad state: ${listed(names)}`,
    severity: failed.length > 0 ? "error" : "warning",
    signals: [
      { kind: "sensor-bad", ...whereOf({ ...place, interface: undefined }), strength: failed.length > 0 ? 1 : 0.5 },
    ],
  };
}

function duration(place: MeasurePlace, { before, last, max }: Summary): Judgement {
  const slow = before !== null && max > before * SLOW_RATIO && max > 1;
  return {
    finding: `a poll of ${nameOf(place)} takes ${figure(last)} s, at most ${figure(max)} s, ${before === null ? "unknown" : `${figure(before)} s`} on average before`,
    severity: slow ? "warning" : "info",
    signals: slow ? [{ kind: "slow", ...whereOf({ ...place, interface: undefined }), strength: 1 }] : [],
  };
}

function nameOf({ site, device, interface: port }: MeasurePlace): string {
  return [device ?? site, ...(port === undefined ? [] : [port])].join(" ");
}

function whereOf({ device, interface: port }: MeasurePlace): Pick<Signal, "device" | "interface"> {
  return { device: device ?? "", ...(port === undefined ? {} : { interface: port }) };
}

/** Four significant digits are enough for a person; the store keeps the rest. */
function round(value: number): number {
  return Math.abs(value) >= 10_000 ? Math.round(value) : Number(value.toPrecision(4));
}

const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

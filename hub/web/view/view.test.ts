import { expect, test } from "bun:test";
import { evidenceBody } from "./evidence-body.ts";
import { scaleFor } from "./evidence-chart.ts";
import { withoutTitle } from "./incident-row.ts";
import { incidentFilter, incidentQuery } from "./incidents.tsx";
import { onGrid, questionOf } from "./spark.ts";

const HOSTILE = `"><script>`;

function queryOf(fingerprint: string, device: string | null): string | undefined {
  return questionOf({ fingerprint, device })?.query;
}

function axisText(names: string, value: number): string {
  const scale = scaleFor(names, [value]);
  return scale.kind === "amount" ? scale.format(value) : scale.levels.map(({ word }) => word).join(" ");
}

test("values land on their step, and steps without a value are gaps", () => {
  const grid = { startMs: 1_000_000, endMs: 1_060_000, stepS: 15 };
  expect(onGrid({ timestamps: [1000, 1030, 9999], values: [5, Number.NaN, 7] }, grid)).toEqual([
    5,
    null,
    null,
    null,
    null,
  ]);
});

test("the number that matters follows from the problem, and a device's name cannot leave its quotes", () => {
  expect(queryOf("interface-down/core-sw1/Te1/1", "core-sw1")).toContain('{device="core-sw1",interface="Te1/1"}');
  expect(queryOf("threshold/dist-sw1/cpu/cpu-high", "dist-sw1")).toBe('avg(cpu_usage_ratio{device="dist-sw1"})');
  expect(queryOf("device-down/a", "a")).toBe('max(device_up{device="a"})');
  expect(queryOf(`device-down/x"} or vector(1)`, `x"} or vector(1)`)).toBe(
    String.raw`max(device_up{device="x\"} or vector(1)"})`,
  );
  expect(queryOf("gap/", null)).toBeUndefined();
});

test("a list's filter takes what it knows and forgets the rest, and equal filters have one key", () => {
  const filter = incidentFilter({ status: "resolved", severity: "loud", site: "../x", search: "Te1/1" });
  expect(filter).toEqual({ status: "resolved", severity: "", site: "", search: "Te1/1" });
  expect(incidentQuery(filter)).toBe("status=resolved&search=Te1%2F1");
  expect(incidentQuery(incidentFilter({ status: "open", severity: "" }))).toBe("");
});

test("a conclusion does not repeat the title it stands beside", () => {
  expect(withoutTitle("a down: most likely b", "a down")).toBe("Most likely b");
  expect(withoutTitle("nothing known", "a down")).toBe("nothing known");
});

test("numbers over time become a chart with the event marked", () => {
  const body = evidenceBody({
    tool: "metrics",
    title: "cpu",
    query: 'max(cpu_usage_ratio{device="a"})',
    queryArguments: { measure: "cpu", startMs: 0, endMs: 60_000, stepS: 15, scope: { aboutMs: 30_000 } },
    result: {
      series: [{ labels: { device: HOSTILE }, timestamps: [0, 15, 45], values: [0.1, null, 0.9] }],
      summaries: [],
    },
  });
  expect(body).toMatchObject({
    kind: "chart",
    chart: { eventMs: 30_000, series: [{ name: HOSTILE, values: [0.1, null, null, 0.9, null] }] },
  });
});

test("a unit follows from the metric's name", () => {
  expect(axisText("interface-utilisation 8*rate(if_in_octets_total)", 0.5)).toBe("50 %");
  expect(axisText("rate(if_in_octets_total)", 1_000)).toBe("1 kbit/s");
  expect(axisText("rate(if_in_errors_total{}[2m])", 2.5)).toBe("2.5/s");
  expect(axisText("device_poll_duration_seconds", 0.25)).toBe("250 ms");
  expect(axisText("if_oper_status", 1)).toBe("up down");
  expect(axisText("if_oper_status", 5)).toBe("up dormant down");
  expect(axisText("device_up == 0", 0)).toBe("answers silent");
});

test("events become lines, the way up becomes a path, and what nobody knows becomes a table of text", () => {
  const shown = { tool: "x", title: "x", query: "x", queryArguments: {} };
  const event = { at: "2026-03-01T12:00:00.000Z", kind: "trap", device: "a", object: "", summary: HOSTILE };
  expect(evidenceBody({ ...shown, result: { events: [event] } })).toMatchObject({
    kind: "lines",
    lines: [{ text: HOSTILE }],
  });
  const topology = {
    wayUp: ["acc", "core"],
    behind: { devices: ["ap1"], down: { devices: ["ap1"] } },
    states: { acc: "down" },
  };
  expect(evidenceBody({ ...shown, result: topology })).toEqual({
    kind: "path",
    nodes: [{ name: "acc", state: "down" }, { name: "core" }],
    behind: [{ name: "ap1", state: "down" }],
  });
  expect(evidenceBody({ ...shown, result: { someThing: { a: 1 } } })).toEqual({
    kind: "table",
    columns: ["Name", "Value"],
    rows: [["some thing", '{"a":1}']],
  });
});

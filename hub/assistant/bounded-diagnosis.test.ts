import { expect, test } from "bun:test";
import { boundedDiagnosisJson } from "./bounded-diagnosis.ts";
import { type Diagnosis, DiagnosisResult } from "./diagnosis.ts";

const BUS_PAYLOAD_BYTES_MAX = 65_536;

function diagnosis(findings: number, message: string): Diagnosis {
  return {
    summary: "core-sw1 uplink Te1/1 down: most likely the cable has failed.",
    root_cause: { text: "the cable has failed", confidence: 0.9, causes: [] },
    impact: "1 of 10 devices cannot be reached.",
    findings: Array.from({ length: findings }, (_, i) => ({
      source: "metrics",
      severity: "info" as const,
      message: `${i} ${message}`,
      evidence: [Bun.randomUUIDv7()],
      timestamp: "2026-01-01T00:00:00.000Z",
    })),
    recommended_actions: [],
    tools_used: ["metrics"],
    duration_ms: 1,
    source: "rules",
  };
}

test("a diagnosis that fits reaches live readers whole", () => {
  const whole = diagnosis(40, "errors rise");
  expect(JSON.parse(boundedDiagnosisJson(whole))).toEqual(whole);
});

test("a huge one is shortened the same way each time, keeps what weighs most, says so, and fits the bus", () => {
  for (const message of ["x".repeat(20_000), '"\\'.repeat(10_000), "é".repeat(20_000)]) {
    const huge = diagnosis(60, message);
    const text = boundedDiagnosisJson(huge);
    expect(text).toBe(boundedDiagnosisJson(huge));
    expect(Buffer.byteLength(JSON.stringify({ diagnosisJson: text }))).toBeLessThan(BUS_PAYLOAD_BYTES_MAX);
    const told = DiagnosisResult.parse(JSON.parse(text));
    expect(told.summary).toBe(huge.summary);
    expect(told.findings.length).toBeGreaterThan(0);
    expect(told.findings[0]?.message).toStartWith("0 ");
    expect(told.note).toContain("the whole diagnosis stands with its incident");
  }
});

test("one that is too long beyond its findings keeps its first words", () => {
  const endless = { ...diagnosis(1, "x"), impact: "y".repeat(100_000), summary: "z".repeat(100_000) };
  const told = DiagnosisResult.parse(JSON.parse(boundedDiagnosisJson(endless)));
  expect(told.summary).toBe("z".repeat(300));
  expect(told.note).toContain("too long for live readers");
});

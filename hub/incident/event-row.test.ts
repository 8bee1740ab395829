import { expect, test } from "bun:test";
import { create, toJson } from "@bufbuild/protobuf";
import { EventSchema, Severity, VerdictSchema } from "@watchpost/proto";
import { ATTRIBUTES_MAX, eventRow, SUMMARY_CHARACTERS_MAX, verdictJson } from "./event-row.ts";

const source = { collectorId: "c", siteId: "s", site: "harbor", outboxEpoch: "e" };

function stored(attributes: Record<string, string>): unknown {
  return eventRow(create(EventSchema, { attributes }), source, 0).attributes;
}

test("attributes are stored as they came, or cut and cleaned where one of them is beyond its bound", () => {
  const plain = { app: "sshd", text: "two\nlines, ü", hostname: "" };
  expect(stored(plain)).toEqual(plain);
  expect(stored({ ...plain, text: "x".repeat(5_000) })).toEqual({ ...plain, text: "x".repeat(SUMMARY_CHARACTERS_MAX) });
  expect(stored({ ...plain, nul: "a\0b", half: "\uD800" })).toEqual({ ...plain, nul: "a\uFFFDb", half: "\uFFFD" });
  expect(stored({ "two\nlines": "1" })).toEqual({ "two lines": "1" });
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`n${n}`, "1"]));
  expect(Object.keys(stored(many) as object)).toEqual(Object.keys(many).slice(0, ATTRIBUTES_MAX));
});

test("a verdict is stored as protobuf's JSON has it", () => {
  const full = create(VerdictSchema, {
    severity: Severity.CRITICAL,
    score: 0.85,
    reasons: ["the rule calls it critical", "it repeated 4 times"],
    explainedBy: "device-down/fw1",
    flapping: true,
    source: "ollama",
    model: "tiny",
    durationMs: 7,
    template: "<device> <object>: down",
  });
  const parts = Object.entries(full).map(([name, value]) => ({ [name]: value }));
  for (const part of [{}, full, ...parts, { severity: 9 }]) {
    const verdict = Object.assign(create(VerdictSchema), part);
    expect(JSON.stringify(verdictJson(verdict))).toBe(JSON.stringify(toJson(VerdictSchema, verdict)));
  }
  const odd = create(VerdictSchema, { score: Number.NaN, template: "two\nlines" });
  expect(verdictJson(odd)).toEqual({ template: "two lines" });
});

import { expect, test } from "bun:test";
import type { Evidence } from "../evidence.ts";
import { claimOf, unfoundedNumbers } from "./claim.ts";

function evidence(finding: string, result: unknown): Evidence {
  const at = new Date();
  return {
    id: Bun.randomUUIDv7(),
    tool: "metrics",
    title: "",
    query: "",
    finding,
    severity: "info",
    result,
    signals: [],
    collectedAt: at,
  };
}

const rate = evidence("traffic in of core-sw1 Te1/1: 12 bit/s now", {
  summaries: [{ before: 412_345_678, ratio: 0.953 }],
});
const byAlias = new Map([["E1", rate]]);

test("a claim stands on evidence that exists; a line that cites none, or only invented ones, is dropped", () => {
  expect(claimOf("- **CAUSE:** the optic is dead [E1].", byAlias)).toMatchObject({
    kind: "CAUSE",
    evidence: [rate.id],
  });
  expect(claimOf("the optic is dead [E1; E7]", byAlias)).toMatchObject({
    kind: "FINDING",
    text: "the optic is dead",
    evidence: [rate.id],
  });
  expect(claimOf("the optic is dead [E7]", byAlias)).toBeUndefined();
  expect(claimOf("the optic is dead", byAlias)).toBeUndefined();
  expect(claimOf("[E1]", byAlias)).toBeUndefined();
});

test("a number is borne out with the rounding that the sentence shows, and in the unit it names", () => {
  for (const prose of ["12 bit/s", "412 Mbit/s before", "412,345,678 bit/s", "95.3% full", "95 % full", "0.95 of it"]) {
    expect([prose, unfoundedNumbers(prose, [rate])]).toEqual([prose, []]);
  }
  for (const prose of ["13 bit/s", "413 Mbit/s", "96% full", "-12 degrees", "12-13 bit/s"]) {
    expect([prose, unfoundedNumbers(prose, [rate])[0] === undefined]).toEqual([prose, false]);
  }
});

test("digits inside names, addresses and times are no numbers", () => {
  expect(unfoundedNumbers("core-sw1 Te1/1 lost 192.0.2.7 at 12:03:44 on 2026-11-23, see INC-42", [rate])).toEqual([]);
});

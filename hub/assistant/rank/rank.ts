import type { Cause } from "../diagnosis.ts";
import type { Case } from "./case.ts";
import { type Hypothesis, hypothesesOf } from "./hypothesis.ts";
import { UNKNOWN_SCORE, WEIGHTS, type Witness } from "./weights.ts";
import { testimony } from "./witness.ts";

export const CAUSES_MAX = 5;
const SCORE_MIN = 0.1;
const EVIDENCE_MAX = 12;

/** Orders what may be the cause by what the evidence says, and names the evidence. The same input, the same order. */
export function rankCauses(given: Case): Cause[] {
  const causes = hypothesesOf(given)
    .map((hypothesis) => scored(given, hypothesis))
    .filter((cause) => cause.score >= SCORE_MIN && cause.evidence.length > 0)
    .toSorted((a, b) => b.score - a.score || keyOf(a).localeCompare(keyOf(b)))
    .slice(0, CAUSES_MAX);
  if (causes.length > 0) return causes;
  const [problem] = given.problems;
  const evidence = [...new Set(given.signals.map((s) => s.evidence))].slice(0, EVIDENCE_MAX);
  return [{ device: problem?.device ?? "", fault: "unknown", score: UNKNOWN_SCORE, evidence }];
}

function scored(given: Case, hypothesis: Hypothesis): Cause {
  const weights = WEIGHTS[hypothesis.fault];
  const evidence: string[] = [];
  let doubt = 1;
  for (const [witness, weight] of entriesOf(weights.for)) {
    const support = testimony(given, hypothesis, witness);
    doubt *= 1 - weight * support.strength;
    if (support.strength > 0) evidence.push(...support.evidence);
  }
  let score = 1 - doubt;
  for (const [witness, weight] of entriesOf(weights.against)) {
    score *= 1 - weight * testimony(given, hypothesis, witness).strength;
  }
  return { ...hypothesis, score: Number(score.toFixed(3)), evidence: [...new Set(evidence)].slice(0, EVIDENCE_MAX) };
}

function entriesOf(weights: Readonly<Partial<Record<Witness, number>>>): [Witness, number][] {
  return Object.entries(weights) as [Witness, number][];
}

function keyOf(cause: Cause): string {
  return `${cause.fault}/${cause.device}/${cause.interface ?? ""}`;
}

import { EventState, Severity } from "@watchpost/proto";

/** How much a severity alone deserves a person. */
export const BASE_SCORE: Record<Severity, number> = {
  [Severity.UNSPECIFIED]: 0,
  [Severity.INFO]: 0.1,
  [Severity.WARNING]: 0.35,
  [Severity.ERROR]: 0.6,
  [Severity.CRITICAL]: 0.8,
};
const BEHIND_EACH = 0.02;
const BEHIND_MAX = 0.2;
const EXPLAINED_MAX = 0.2;
const FLAPPING_LESS = 0.15;
const CLEARED = 0.05;

export interface Circumstances {
  state: EventState;
  severity: Severity;
  severityName: string;
  explainedBy: string;
  devicesBehind: number;
  startsInWindow: number;
  flapping: boolean;
  foldedBefore: number;
}

/** 0..1, with one clause for each thing that moved it. */
export function scoreOf(c: Circumstances): { score: number; reasons: string[] } {
  if (c.state === EventState.CLEARED) return { score: CLEARED, reasons: ["it ended"] };
  let score = BASE_SCORE[c.severity];
  const reasons = [`the rule calls it ${c.severityName}`];
  if (c.devicesBehind > 0) {
    score += Math.min(BEHIND_MAX, c.devicesBehind * BEHIND_EACH);
    reasons.push(`${c.devicesBehind} ${c.devicesBehind === 1 ? "device" : "devices"} cannot be reached without it`);
  }
  if (c.flapping) {
    score -= FLAPPING_LESS;
    reasons.push(`it began ${c.startsInWindow} times in 30 min`);
  }
  if (c.foldedBefore > 0) reasons.push(`it repeated ${c.foldedBefore} times since it was last told`);
  if (c.explainedBy !== "") {
    score = Math.min(score, EXPLAINED_MAX);
    reasons.push(`${c.explainedBy} explains it`);
  }
  return { score: Math.round(Math.min(1, Math.max(0, score)) * 100) / 100, reasons };
}

import type { Diagnosis, Finding } from "./diagnosis.ts";
import type { Claim } from "./model/index.ts";

const ACTIONS_MAX = 10;

export interface Narrated {
  rules: Diagnosis;
  claims: readonly Claim[];
  dropped: number;
  source: "openai" | "ollama";
  model: string;
  promptHash: string;
  at: Date;
}

/** The model's words over the rules' frame: causes, scores and confidence stay as the evidence made them. */
export function mergeClaims({ rules, claims, dropped, source, model, promptHash, at }: Narrated): Diagnosis {
  const sound = (kind: Claim["kind"]) =>
    claims.find((claim) => claim.kind === kind && claim.flagged === undefined)?.text;
  const findings = claims.filter((claim) => claim.kind === "FINDING" || claim.flagged !== undefined);
  const actions = claims.filter((claim) => claim.kind === "ACTION" && claim.flagged === undefined);
  const notes = [
    rules.note,
    dropped === 0 ? undefined : `${dropped} sentences of ${model} cited no evidence and were dropped.`,
  ];
  const note = notes.filter((text) => text !== undefined).join(" ");
  return {
    ...rules,
    summary: sound("SUMMARY") ?? rules.summary,
    root_cause: { ...rules.root_cause, text: sound("CAUSE") ?? rules.root_cause.text },
    impact: sound("IMPACT") ?? rules.impact,
    findings: [...findings.map((claim) => findingOf(claim, model, at)), ...rules.findings],
    recommended_actions: [
      ...rules.recommended_actions,
      // What a model proposes is never taken for harmless.
      ...actions.map(({ text }) => ({ risk: "medium" as const, text })),
    ].slice(0, ACTIONS_MAX),
    source,
    model,
    prompt_hash: promptHash,
    ...(note === "" ? {} : { note }),
  };
}

function findingOf({ text, evidence, flagged }: Claim, model: string, at: Date): Finding {
  return {
    source: model,
    severity: "info",
    message: text,
    evidence,
    timestamp: at.toISOString(),
    ...(flagged === undefined ? {} : { flagged }),
  };
}

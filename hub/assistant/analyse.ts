import { HubError } from "../error.ts";
import type { Hub } from "../hub.ts";
import { type InsightDraft, insightMessage } from "../insight/index.ts";
import { composeDiagnosis } from "./compose.ts";
import type { Cause, Diagnosis } from "./diagnosis.ts";
import { type Collecting, collectEvidence, type Evidence } from "./evidence.ts";
import type { Ledger } from "./ledger.ts";
import { mergeClaims } from "./merge-claims.ts";
import { type ChatModel, NARRATION_LIMITS, type NarrationLimits, narrate } from "./model/index.ts";
import { firstCalls } from "./plan.ts";
import { type EvidenceSignal, rankCauses } from "./rank/index.ts";
import { saveDiagnosis } from "./save.ts";
import type { Subject } from "./subject.ts";
import type { ToolCall } from "./tool/index.ts";
import { causeText } from "./words.ts";

/** Causes are ranked after this time with what is there; a slow specialist is named in the note. */
export const SPECIALISTS_BUDGET_MS = 4_000;

export interface Assistant {
  hub: Hub;
  ledger: Ledger;
  publicUrl: string;
  /** Undefined: the rules alone. */
  model: ChatModel | undefined;
  narrationLimits?: NarrationLimits | undefined;
}

/** One analysis from the first question to the last word. Each step is told to the readers as it happens. */
export async function analyse(assistant: Assistant, sessionId: string, subject: Subject): Promise<Diagnosis> {
  const { hub, ledger, publicUrl } = assistant;
  const startedMs = performance.now();
  const scope = {
    siteId: subject.siteId,
    site: subject.siteName,
    aboutMs: subject.aboutMs,
    nowMs: hub.clock.nowMs(),
  };
  const at: Collecting = { hub, ledger, sessionId, subject, scope, publicUrl };
  const [, { evidence, notes }] = await Promise.all([
    tell(at, { step: "started", text: `Looking into "${subject.title}"`, source: "rules" }),
    askSpecialists({ ...at, site: subject.site }, firstCalls(subject)),
  ]);
  const causes = rank(subject, evidence);
  await tell(at, { step: "cause", text: topText(subject, causes), causes: causes.map(wireCause), source: "rules" });
  const elapsedMs = () => performance.now() - startedMs;
  const rules = composeDiagnosis({ subject, evidence, causes, notes, durationMs: elapsedMs() });
  if (!assistant.model) {
    await saveDiagnosis(hub, { sessionId, subject, diagnosis: rules, last: true });
    return rules;
  }
  await saveDiagnosis(hub, { sessionId, subject, diagnosis: rules, last: false });
  const told = await explain({ ...assistant, model: assistant.model }, at, { rules, causes, evidence });
  const diagnosis = { ...told, duration_ms: Math.round(elapsedMs()) };
  await saveDiagnosis(hub, { sessionId, subject, diagnosis, last: true });
  return diagnosis;
}

/** All at once; whoever is late or fails is named, and the others count. */
async function askSpecialists(
  at: Collecting,
  calls: readonly ToolCall[],
): Promise<{ evidence: Evidence[]; notes: string[] }> {
  const evidence: Evidence[] = [];
  const notes = new Set<string>();
  let open = true;
  const pending = new Map(calls.map((call, i) => [i, call.tool]));
  const all = Promise.all(
    calls.map(async (call, i) => {
      try {
        const found = await collectEvidence(at, call);
        if (open) evidence.push(found);
      } catch (error) {
        at.hub.log.warn({ err: error, tool: call.tool, session: at.sessionId }, "a question of an analysis failed");
        notes.add(`${call.tool} could not be asked: ${reasonFor(error)}.`);
      }
      pending.delete(i);
    }),
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const budget = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SPECIALISTS_BUDGET_MS);
  });
  await Promise.race([all, budget]);
  clearTimeout(timer);
  open = false;
  for (const tool of pending.values()) notes.add(`${tool} gave no answer within ${SPECIALISTS_BUDGET_MS} ms.`);
  return { evidence, notes: [...notes] };
}

/** A refusal is worded for readers; any other error may hold SQL and what was asked with it, and stays in the log. */
function reasonFor(error: unknown): string {
  if (error instanceof HubError) return error.message.slice(0, 200).replace(/\.$/, "");
  return "it failed, and the hub's log says why";
}

function rank(subject: Subject, evidence: readonly Evidence[]): Cause[] {
  const signals: EvidenceSignal[] = evidence.flatMap((e) => e.signals.map((signal) => ({ ...signal, evidence: e.id })));
  return rankCauses({ site: subject.site, problems: subject.problems, signals });
}

interface Ruled {
  rules: Diagnosis;
  causes: readonly Cause[];
  evidence: readonly Evidence[];
}

async function explain(
  { hub, model, narrationLimits }: Assistant & { model: ChatModel },
  at: Collecting,
  { rules, causes, evidence }: Ruled,
): Promise<Diagnosis> {
  const narration = await narrate({
    model,
    subject: at.subject,
    causes,
    evidence,
    limits: narrationLimits ?? NARRATION_LIMITS,
    collect: (call) => collectEvidence(at, call),
    onClaim: (claim) => tell(at, { step: "narration", text: claim.text, source: model.source, model: model.name }),
  });
  if (narration.kind === "failed") {
    hub.log.warn(
      { model: model.name, reason: narration.reason, session: at.sessionId },
      "the model had no part in a diagnosis",
    );
    const note = `${model.name} had no part in this: ${narration.reason}.`;
    return { ...rules, note: rules.note === undefined ? note : `${rules.note} ${note}` };
  }
  const { claims, dropped, promptHash } = narration;
  const asked = [...new Set([...rules.tools_used, ...narration.evidence.map((e) => e.tool)])].toSorted();
  const merged = mergeClaims({
    rules,
    claims,
    dropped,
    source: model.source,
    model: model.name,
    promptHash,
    at: new Date(hub.clock.nowMs()),
  });
  return { ...merged, tools_used: asked };
}

type Told = Pick<InsightDraft, "step" | "text" | "causes" | "source" | "model">;

async function tell({ hub, ledger, subject }: Collecting, told: Told): Promise<void> {
  const message = insightMessage({
    ...told,
    incidentId: subject.key,
    site: subject.siteName,
    severity: subject.severity,
    createdAtMs: BigInt(hub.clock.nowMs()),
  });
  await ledger.keep({ message });
}

function wireCause({ evidence, interface: port, ...cause }: Cause) {
  return { ...cause, interface: port ?? "", evidenceIds: evidence };
}

function topText(subject: Subject, [top]: readonly Cause[]): string {
  return top ? `Most likely ${causeText(subject.site, top)} (score ${top.score})` : "The evidence points to no cause";
}

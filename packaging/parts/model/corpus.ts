/** What the model is trained on: the product's own prompts about made-up events, with the answer wanted. */
import { create } from "@bufbuild/protobuf";
import { messagesFor } from "@watchpost/collector/triage/prompt.ts";
import { promptFor } from "@watchpost/hub/assistant/model/prompt.ts";
import type { Subject } from "@watchpost/hub/assistant/subject.ts";
import { NO_SITE } from "@watchpost/hub/incident/index.ts";
import { EventKind, EventState, Severity, VerdictSchema } from "@watchpost/proto";
import type { Message, ToolSignature } from "../engine/template.ts";
import { type Lesson, LESSONS } from "./lesson.ts";
import type { Place, Random } from "./random.ts";

export interface Talk {
  tools: readonly ToolSignature[];
  /** What an assistant says in it is learnt. */
  messages: readonly Message[];
}

/** The assistant's tools, as the template shows them. */
export const TOOLS: readonly ToolSignature[] = [
  { name: "metrics", parameters: ["measure", "device", "interface"] },
  { name: "topology", parameters: ["device", "interface"] },
  { name: "events", parameters: ["device"] },
  { name: "changes", parameters: ["devices"] },
  { name: "similar", parameters: ["device", "kind"] },
];

const KINDS = ["interface-down", "device-down", "threshold", "trap", "sensor", "syslog"];
const SEVERITIES = [Severity.INFO, Severity.WARNING, Severity.ERROR, Severity.CRITICAL];

/** One talk: a site asks what an event deserves, or the hub asks why an incident came to be. */
export function makeTalk(random: Random): Talk {
  const lesson = random.pick(LESSONS);
  return random.chance(0.6) ? verdictTalk(lesson, random) : diagnosisTalk(lesson, random);
}

function verdictTalk(lesson: Lesson, random: Random): Talk {
  const place = random.place();
  const summary = random.pick(lesson.texts)(place, random);
  const severity = random.pick(SEVERITIES);
  const event = {
    kind: EventKind.TRAP,
    state: EventState.FIRING,
    severity,
    ...place,
    fingerprint: "",
    observedAtMs: 0,
    summary,
    attributes: random.attributes(),
    verdict: create(VerdictSchema, {
      score: random.below(100) / 100,
      flapping: random.chance(0.1),
      explainedBy: random.chance(0.3) ? `device-down/${random.place().device}` : "",
    }),
  };
  const asked: Message[] = messagesFor(event).map((message) => random.perturbed(message));
  return { tools: [], messages: [...asked, { role: "assistant", content: JSON.stringify(lesson.opinion) }] };
}

function diagnosisTalk(lesson: Lesson, random: Random): Talk {
  const place = random.place();
  const asked = diagnosisPrompt(lesson, place, random).map((message) => random.perturbed(message));
  const answer: Message = { role: "assistant", content: lesson.explanation };
  // Asked for the last time, it is offered no tools and answers with what is there.
  if (random.chance(0.3)) return { tools: [], messages: [...asked, answer] };
  const said = random.chance(0.2) ? "refused: it may not be asked" : `<data>\n${random.evidenceText(place)}\n</data>`;
  const call = { name: lesson.asks.tool, arguments: lesson.asks.input(place) };
  return {
    tools: offered(lesson.asks.tool, random),
    messages: [...asked, { role: "assistant", content: "", calls: [call] }, { role: "tool", content: said }, answer],
  };
}

/** Mostly the product's; else some of them in another order, with others: a new tool may come without a new model. */
function offered(asked: string, random: Random): readonly ToolSignature[] {
  if (random.chance(0.6)) return TOOLS;
  const others = [...TOOLS, { name: random.word(), parameters: [random.word(), "device"] }];
  const kept = others.filter(({ name }) => name === asked || random.chance(0.7));
  return kept
    .map((tool) => ({ tool, place: random.below(1_000) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ tool }) => tool);
}

function diagnosisPrompt(lesson: Lesson, place: Place, random: Random): Message[] {
  const title = random.pick(lesson.texts)(place, random);
  const { device, object } = place;
  const rows = Array.from({ length: 3 + random.below(6) }, (_, i) => [`E${i + 1}`, random.evidence(place)] as const);
  const problem = {
    kind: random.pick(KINDS),
    device,
    object,
    state: "firing" as const,
    summary: title,
    fingerprint: "",
  };
  const subject: Subject = {
    key: "",
    incidentId: null,
    siteId: null,
    siteName: random.word(),
    site: NO_SITE,
    title,
    severity: "error",
    problems: [problem],
    onInterface: object !== "",
    unheard: [],
    aboutMs: 1_760_000_000_000 + random.below(30_000_000) * 1_000,
    question: "",
  };
  return promptFor(subject, [], new Map(rows)).messages.map((message) => {
    if (message.role === "assistant" || message.role === "tool") throw new Error("a prompt has no answers in it");
    return { role: message.role, content: message.text };
  });
}

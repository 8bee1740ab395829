import { z } from "zod";
import type { Cause } from "../diagnosis.ts";
import type { Evidence } from "../evidence.ts";
import type { Subject } from "../subject.ts";
import { prepareCall, type ToolCall, TOOLS } from "../tool/index.ts";
import type { ChatMessage, ChatModel, ChatTool, ChatToolCall } from "./chat.ts";
import { type Claim, claimOf } from "./claim.ts";
import { evidenceText, promptFor } from "./prompt.ts";
import { CutShort, watched } from "./watchdog.ts";

export interface NarrationLimits {
  deadlineMs: number;
  idleMs: number;
  stepsMax: number;
  toolCallsMax: number;
  outputTokensMax: number;
  answerCharactersMax: number;
}

export const NARRATION_LIMITS: NarrationLimits = {
  deadlineMs: 60_000,
  idleMs: 20_000,
  stepsMax: 5,
  toolCallsMax: 8,
  outputTokensMax: 4_000,
  answerCharactersMax: 16_000,
};

export interface Narrating {
  model: ChatModel;
  subject: Subject;
  causes: readonly Cause[];
  evidence: readonly Evidence[];
  limits: NarrationLimits;
  /** Runs a read-only tool and mints its evidence. */
  collect(call: ToolCall): Promise<Evidence>;
  /** Told of each claim as soon as it stands. */
  onClaim(claim: Claim): Promise<void>;
}

export type Narration =
  | { kind: "narrated"; claims: Claim[]; dropped: number; evidence: Evidence[]; promptHash: string }
  | { kind: "failed"; reason: string };

const CLAIMS_MAX = 30;

const CHAT_TOOLS: readonly ChatTool[] = TOOLS.map(({ name, description, parameters }) => {
  const { $schema: _schema, ...schema } = z.toJSONSchema(parameters);
  return { name, description, parameters: schema };
});

/** Lets the model explain, and ask further read-only questions within caps. Whatever it does, this returns. */
export async function narrate(at: Narrating): Promise<Narration> {
  const controller = new AbortController();
  const deadline = setTimeout(
    () => controller.abort(new CutShort(`it was not done within ${at.limits.deadlineMs} ms`)),
    at.limits.deadlineMs,
  );
  const talk = new Talk(at, controller.signal);
  try {
    await talk.run();
  } catch (error) {
    const reason = controller.signal.aborted ? controller.signal.reason : error;
    return { kind: "failed", reason: reason instanceof Error ? reason.message.slice(0, 300) : "it failed" };
  } finally {
    clearTimeout(deadline);
    controller.abort();
  }
  const { claims, dropped, evidence, promptHash } = talk;
  if (claims.length > 0) return { kind: "narrated", claims, dropped, evidence, promptHash };
  const said = dropped === 0 ? "it said nothing" : `none of its ${dropped} sentences cited evidence that exists`;
  return { kind: "failed", reason: said };
}

class Talk {
  readonly claims: Claim[] = [];
  readonly evidence: Evidence[];
  dropped = 0;
  promptHash = "";
  readonly #at: Narrating;
  readonly #signal: AbortSignal;
  readonly #byAlias: Map<string, Evidence>;
  #tokensLeft: number;
  #callsLeft: number;

  constructor(at: Narrating, signal: AbortSignal) {
    this.#at = at;
    this.#signal = signal;
    this.evidence = [...at.evidence];
    this.#byAlias = new Map(at.evidence.map((evidence, i) => [`E${i + 1}`, evidence]));
    this.#tokensLeft = at.limits.outputTokensMax;
    this.#callsLeft = at.limits.toolCallsMax;
  }

  async run(): Promise<void> {
    const { subject, causes, limits } = this.#at;
    const prompt = promptFor(subject, causes, this.#byAlias);
    this.promptHash = prompt.hash;
    const messages: ChatMessage[] = [...prompt.messages];
    for (let step = 0; step < limits.stepsMax && this.#tokensLeft > 0; step += 1) {
      const mayAsk = step < limits.stepsMax - 1 && this.#callsLeft > 0;
      const { text, calls } = await this.#answer(messages, mayAsk);
      if (calls.length === 0) return;
      messages.push({ role: "assistant", text, calls });
      for (const call of calls) messages.push({ role: "tool", call, text: await this.#use(call) });
    }
  }

  async #answer(messages: readonly ChatMessage[], mayAsk: boolean): Promise<{ text: string; calls: ChatToolCall[] }> {
    const { model, limits } = this.#at;
    const controller = new AbortController();
    const forward = () => controller.abort(this.#signal.reason);
    if (this.#signal.aborted) forward();
    this.#signal.addEventListener("abort", forward, { once: true });
    const calls: ChatToolCall[] = [];
    let text = "";
    let lineStart = 0;
    let tokens = 0;
    const tools = mayAsk ? CHAT_TOOLS : [];
    const stream = model.chat({ messages, tools, outputTokensMax: this.#tokensLeft, signal: controller.signal });
    for await (const chunk of watched(stream, { idleMs: limits.idleMs, controller })) {
      if (chunk.kind === "call" && mayAsk) calls.push(chunk.call);
      if (chunk.kind === "usage") tokens = chunk.outputTokens;
      if (chunk.kind !== "text") continue;
      text += chunk.text;
      if (text.length > limits.answerCharactersMax) {
        throw new CutShort(`its answer is longer than ${limits.answerCharactersMax} characters`);
      }
      for (let end = text.indexOf("\n", lineStart); end >= 0; end = text.indexOf("\n", lineStart)) {
        await this.#line(text.slice(lineStart, end));
        lineStart = end + 1;
      }
    }
    this.#signal.removeEventListener("abort", forward);
    await this.#line(text.slice(lineStart));
    // A server that counts no tokens is charged by length.
    this.#tokensLeft -= tokens > 0 ? tokens : Math.ceil(text.length / 3);
    return { text, calls };
  }

  async #line(line: string): Promise<void> {
    if (line.trim() === "") return;
    const claim = this.claims.length < CLAIMS_MAX ? claimOf(line, this.#byAlias) : undefined;
    if (!claim) {
      this.dropped += 1;
      return;
    }
    this.claims.push(claim);
    await this.#at.onClaim(claim);
  }

  /** Runs what the model asks for, if it may be asked; else says why not. */
  async #use({ name, input }: ChatToolCall): Promise<string> {
    if (this.#callsLeft <= 0) return "refused: no further questions are allowed; answer with what is there";
    this.#callsLeft -= 1;
    const prepared = prepareCall(name, input);
    if (prepared.kind === "refused") return `refused: ${prepared.message}`;
    const evidence = await this.#at.collect(prepared.call).catch((error: unknown) => String(error));
    if (typeof evidence === "string") return `failed: ${evidence.slice(0, 300)}`;
    const alias = `E${this.#byAlias.size + 1}`;
    this.#byAlias.set(alias, evidence);
    this.evidence.push(evidence);
    return `<data>\n${evidenceText(alias, evidence)}\n</data>`;
  }
}

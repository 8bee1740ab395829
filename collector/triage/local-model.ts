import { Ollama } from "ollama";
import { type Opinion, OPINION_FORMAT, messagesFor, opinionSchema } from "./prompt.ts";
import type { JudgedEvent } from "./triage.ts";

const BODY_BYTES_MAX = 64 * 1024;
const TOKENS_MAX = 160;

export type Asked =
  | { kind: "answered"; opinion: Opinion }
  | { kind: "too-slow"; message: string }
  | { kind: "failed"; message: string }
  | { kind: "garbage"; message: string };

export interface LocalModel {
  readonly name: string;
  ask(event: JudgedEvent, stopping: AbortSignal): Promise<Asked>;
}

/** One question to Ollama, within one budget from the first byte out to the last byte in. */
export function openLocalModel(options: { host: string; model: string; budgetMs: number }): LocalModel {
  const { host, model, budgetMs } = options;
  return {
    name: model,
    async ask(event, stopping) {
      const budget = AbortSignal.timeout(budgetMs);
      const client = new Ollama({ host, fetch: boundedFetch(AbortSignal.any([budget, stopping])) });
      let content: string;
      try {
        const response = await client.chat({
          model,
          messages: messagesFor(event),
          format: OPINION_FORMAT,
          stream: false,
          options: { temperature: 0, seed: 1, num_predict: TOKENS_MAX },
        });
        content = response.message.content;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (budget.aborted) return { kind: "too-slow", message: `${model} at ${host}: no answer in ${budgetMs} ms` };
        if (error instanceof SyntaxError || error instanceof TypeError)
          return { kind: "garbage", message: `${model} at ${host}: ${message}` };
        return { kind: "failed", message: `${model} at ${host}: ${message}` };
      }
      return parseOpinion(content, `${model} at ${host}`);
    },
  };
}

function parseOpinion(content: string, who: string): Asked {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { kind: "garbage", message: `${who}: the answer is not JSON (${content.length} characters)` };
  }
  const opinion = opinionSchema.safeParse(value);
  if (opinion.success) return { kind: "answered", opinion: opinion.data };
  const [issue] = opinion.error.issues;
  return { kind: "garbage", message: `${who}: the answer breaks its schema at ${issue?.path.join(".") ?? "the top"}` };
}

/** The client has no time-out, prints to stdout when a reply is not OK, and reads bodies of any size. */
function boundedFetch(signal: AbortSignal): typeof fetch {
  const bounded = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, { ...init, signal });
    const body = await readBounded(response);
    if (!response.ok) throw new Error(`HTTP ${response.status} ${body.slice(0, 200)}`);
    return new Response(body, { status: response.status, headers: { "content-type": "application/json" } });
  };
  return Object.assign(bounded, { preconnect: fetch.preconnect });
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) throw new Error(`the reply is longer than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

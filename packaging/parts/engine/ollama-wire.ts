/** Ollama's HTTP interface over a model: chat, generate, tags, version; streams are one JSON object a line. */
import { z } from "zod";
import type { JsonSchema } from "./json-schema.ts";
import type { Model, Question } from "./model.ts";
import type { Said } from "./said.ts";
import type { Call, Message } from "./template.ts";
import { streamed } from "./stream.ts";

const SCHEMA = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonSchema>;
const common = {
  model: z.string(),
  stream: z.boolean().default(true),
  format: z.union([SCHEMA, z.literal("")]).optional(),
  options: z.looseObject({ num_predict: z.int().positive().default(128) }).default({ num_predict: 128 }),
};
const chatSchema = z.looseObject({
  ...common,
  messages: z.array(
    z.looseObject({
      role: z.enum(["system", "user", "assistant", "tool"]),
      content: z.string().default(""),
      tool_calls: z
        .array(
          z.looseObject({
            function: z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
          }),
        )
        .optional(),
    }),
  ),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string(), parameters: SCHEMA }) })).default([]),
});
const generateSchema = z.looseObject({ ...common, prompt: z.string(), system: z.string().default("") });

export interface Served {
  model: Model;
  /** As clients call it. */
  name: string;
  bytes: number;
}

/** Undefined: no path of Ollama's. */
export async function ollamaReply(served: Served, request: Request): Promise<Response | undefined> {
  switch (`${request.method} ${new URL(request.url).pathname}`) {
    case "GET /api/version":
      return Response.json({ version: "0.0.0" });
    case "GET /api/tags":
      return Response.json({ models: [{ name: served.name, model: served.name, size: served.bytes }] });
    case "POST /api/chat": {
      const { messages, tools, ...asked } = chatSchema.parse(await request.json());
      const talk = messages.map(
        ({ role, content, tool_calls: calls }): Message => ({
          role,
          content,
          ...(calls ? { calls: calls.map((call) => call.function) } : {}),
        }),
      );
      const offered = tools.map((tool) => tool.function);
      return answer(served, request, { ...asked, messages: talk, tools: offered, line: chatLine });
    }
    case "POST /api/generate": {
      const { prompt, system, ...asked } = generateSchema.parse(await request.json());
      const messages: Message[] = [
        { role: "system", content: system },
        { role: "user", content: prompt },
      ];
      return answer(served, request, { ...asked, messages, tools: [], line: ({ text }) => ({ response: text }) });
    }
    default:
      return undefined;
  }
}

interface Part {
  text: string;
  calls: readonly Call[];
}

interface Asked extends Pick<Question, "messages" | "tools"> {
  model: string;
  stream: boolean;
  format?: JsonSchema | "" | undefined;
  options: { num_predict: number };
  line(part: Part): Record<string, unknown>;
}

function chatLine({ text, calls }: Part): Record<string, unknown> {
  const asked = calls.length === 0 ? {} : { tool_calls: calls.map((call) => ({ function: call })) };
  return { message: { role: "assistant", content: text, ...asked } };
}

async function answer({ model, name }: Served, request: Request, asked: Asked): Promise<Response> {
  if (asked.model !== name) return Response.json({ error: `model "${asked.model}" not found` }, { status: 404 });
  const { messages, tools, options } = asked;
  const format = asked.format === "" ? undefined : asked.format;
  const question = { messages, tools, format, tokensMax: options.num_predict };
  const base = { model: name, created_at: new Date().toISOString() };
  return streamed(request, "application/x-ndjson", async function* (signal) {
    const whole = { text: "", calls: [] as Call[] };
    let call = { name: "", input: "" };
    for await (const said of model.ask({ ...question, signal })) {
      const part = partOf(said, call);
      whole.text += part.text;
      whole.calls.push(...part.calls);
      if (said.kind === "call-begins") call = { name: said.name, input: "" };
      if (said.kind === "call-input") call.input += said.text;
      const isSilent = part.text === "" && part.calls.length === 0;
      if (asked.stream && !isSilent) yield line({ ...base, ...asked.line(part), done: false });
      if (said.kind !== "done") continue;
      const last = asked.line(asked.stream ? part : whole);
      const counts = { prompt_eval_count: said.promptTokens, eval_count: said.outputTokens };
      yield line({ ...base, ...last, done: true, done_reason: said.reason, ...counts });
    }
  });
}

/** A call is told once it is whole; one that the limit of tokens cut never is. */
function partOf(said: Said, { name, input }: { name: string; input: string }): Part {
  if (said.kind === "text") return { text: said.text, calls: [] };
  if (said.kind !== "call-ends") return { text: "", calls: [] };
  return { text: "", calls: [{ name, arguments: JSON.parse(input) as Call["arguments"] }] };
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

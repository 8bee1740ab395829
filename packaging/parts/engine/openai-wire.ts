/** OpenAI's chat completions over a model: whole or as server-sent events, tool calls in pieces keyed by index. */
import { z } from "zod";
import type { JsonSchema } from "./json-schema.ts";
import type { Question } from "./model.ts";
import type { Said } from "./said.ts";
import type { Served } from "./ollama-wire.ts";
import { streamed } from "./stream.ts";
import type { Message } from "./template.ts";

const ANSWER_TOKENS = 256;
const SCHEMA = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonSchema>;
const chatSchema = z.looseObject({
  model: z.string(),
  messages: z.array(
    z.looseObject({
      role: z.enum(["system", "user", "assistant", "tool"]),
      content: z.string().nullish(),
      tool_calls: z
        .array(z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.string() }) }))
        .optional(),
    }),
  ),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string(), parameters: SCHEMA }) })).default([]),
  response_format: z.looseObject({ json_schema: z.looseObject({ schema: SCHEMA }).optional() }).optional(),
  max_tokens: z.int().positive().default(ANSWER_TOKENS),
  stream: z.boolean().default(false),
  stream_options: z.looseObject({ include_usage: z.boolean().default(false) }).default({ include_usage: false }),
});
type Asked = z.output<typeof chatSchema>;

/** Undefined: no path of OpenAI's. */
export async function openAiReply(served: Served, request: Request): Promise<Response | undefined> {
  switch (`${request.method} ${new URL(request.url).pathname}`) {
    case "GET /v1/models":
      return Response.json({ object: "list", data: [{ id: served.name, object: "model", owned_by: "watchpost" }] });
    case "POST /v1/chat/completions":
      return answer(served, request, chatSchema.parse(await request.json()));
    default:
      return undefined;
  }
}

async function answer({ model, name }: Served, request: Request, asked: Asked): Promise<Response> {
  if (asked.model !== name) {
    const error = { message: `The model \`${asked.model}\` does not exist`, type: "invalid_request_error" };
    return Response.json({ error: { ...error, param: null, code: "model_not_found" } }, { status: 404 });
  }
  const question = questionOf(asked);
  const base = { id: `chatcmpl-${Bun.randomUUIDv7()}`, created: Math.floor(Date.now() / 1_000), model: name };
  const event = (part: object) => eventOf({ ...base, object: "chat.completion.chunk", ...part });
  if (asked.stream) {
    return streamed(request, "text/event-stream", async function* (signal) {
      yield event({ choices: [choice({ role: "assistant", content: "" }, null)] });
      let calls = 0;
      for await (const said of model.ask({ ...question, signal })) {
        if (said.kind === "call-begins") calls += 1;
        const delta = deltaOf(said, calls - 1);
        if (delta) yield event({ choices: [choice(delta, null)] });
        if (said.kind !== "done") continue;
        yield event({ choices: [choice({}, finishOf(said, calls))] });
        if (asked.stream_options.include_usage) yield event({ choices: [], usage: usageOf(said) });
      }
      yield "data: [DONE]\n\n";
    });
  }
  return streamed(request, "application/json", async function* (signal) {
    const calls: { id: string; type: "function"; function: { name: string; arguments: string } }[] = [];
    let content = "";
    for await (const said of model.ask({ ...question, signal })) {
      if (said.kind === "text") content += said.text;
      const last = calls.at(-1);
      if (said.kind === "call-begins")
        calls.push({ id: `call_${calls.length}`, type: "function", function: { name: said.name, arguments: "" } });
      if (said.kind === "call-input" && last) last.function.arguments += said.text;
      if (said.kind !== "done") continue;
      const message = { role: "assistant", content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
      const choices = [{ index: 0, message, finish_reason: finishOf(said, calls.length) }];
      yield JSON.stringify({ ...base, object: "chat.completion", choices, usage: usageOf(said) });
    }
  });
}

function eventOf(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function questionOf(asked: Asked): Omit<Question, "signal"> {
  const messages = asked.messages.map(({ role, content, tool_calls: calls = [] }): Message => {
    const parsed = calls.map(({ function: call }) => ({
      name: call.name,
      arguments: JSON.parse(call.arguments) as Record<string, unknown>,
    }));
    return { role, content: content ?? "", calls: parsed };
  });
  const tools = asked.tools.map((tool) => tool.function);
  return { messages, tools, format: asked.response_format?.json_schema?.schema, tokensMax: asked.max_tokens };
}

function choice(delta: unknown, finish: string | null) {
  return { index: 0, delta, finish_reason: finish };
}

function deltaOf(said: Said, index: number): object | undefined {
  switch (said.kind) {
    case "text":
      return { content: said.text };
    case "call-begins": {
      const head = { id: `call_${index}`, type: "function", function: { name: said.name, arguments: "" } };
      return { tool_calls: [{ index, ...head }] };
    }
    case "call-input":
      return { tool_calls: [{ index, function: { arguments: said.text } }] };
    case "call-ends":
    case "done":
      return undefined;
  }
}

type Done = Extract<Said, { kind: "done" }>;

function finishOf({ reason }: Done, calls: number): string {
  if (reason === "length") return "length";
  return calls > 0 ? "tool_calls" : "stop";
}

function usageOf({ promptTokens, outputTokens }: Done) {
  const total = promptTokens + outputTokens;
  return { prompt_tokens: promptTokens, completion_tokens: outputTokens, total_tokens: total };
}

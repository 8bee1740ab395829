import { beforeAll, expect, test } from "bun:test";
import { OPINION_FORMAT } from "@watchpost/collector/triage/prompt.ts";
import { prepareCall, TOOLS } from "@watchpost/hub/assistant/tool/index.ts";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { z } from "zod";
import { type Engine, testEngine } from "../index.ts";
import { makeTalk, type Talk } from "../model/corpus.ts";
import { openRandom } from "../model/random.ts";

let engine: Engine;
let ollama: Ollama;
let openai: OpenAI;
beforeAll(async () => {
  engine = await testEngine();
  ollama = new Ollama({ host: engine.url });
  openai = new OpenAI({ baseURL: engine.openAiUrl, apiKey: "none", maxRetries: 0 });
}, 90_000);

/** Talks that the model never saw in training. */
function unseen(count: number, isWanted: (talk: Talk) => boolean): Talk[] {
  const random = openRandom(4_242);
  return Array.from({ length: 300 }, () => makeTalk(random))
    .filter(isWanted)
    .slice(0, count);
}

const isVerdict = (talk: Talk) => talk.messages[2]?.content.startsWith('{"severity"') ?? false;
const isPlainDiagnosis = (talk: Talk) => talk.messages[2]?.content.startsWith("SUMMARY") ?? false;
const [DIAGNOSIS] = unseen(1, isPlainDiagnosis);
/** As the hub offers them. */
const OFFERED = TOOLS.map(({ name, description, parameters }) => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(parameters);
  const schema: Record<string, unknown> = rest;
  return { type: "function" as const, function: { name, description, parameters: schema } };
});

/** What is asked in a talk, and what ought to be answered. */
function asked({ messages }: Talk) {
  const [system, user, answer] = messages;
  return {
    messages: [
      { role: "system" as const, content: system?.content ?? "" },
      { role: "user" as const, content: user?.content ?? "" },
    ],
    answer: answer?.content ?? "",
  };
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => "it was answered",
    (error: Error) => error.message,
  );
}

test("Ollama's client is told version and models, and that another model is not there", async () => {
  expect(await ollama.version()).toEqual({ version: "0.0.0" });
  expect((await ollama.list()).models.map((model) => model.name)).toEqual([engine.model]);
  expect(await refusal(ollama.chat({ model: "other", messages: [] }))).toBe('model "other" not found');
});

test("events it never saw get the verdict it was taught, in the schema asked for", async () => {
  for (const talk of unseen(8, isVerdict)) {
    const { messages, answer } = asked(talk);
    const whole = await ollama.chat({ model: engine.model, messages, format: OPINION_FORMAT });
    expect([whole.message.content, whole.done_reason]).toEqual([answer, "stop"]);
  }
});

test("both interfaces say the same, whole or in pieces", async () => {
  const { messages, answer } = asked(DIAGNOSIS!);
  const { model } = engine;
  const options = { num_predict: 256 };
  const whole = await ollama.chat({ model, messages, options });
  const pieces = await collect(await ollama.chat({ model, messages, options, stream: true }));
  expect(pieces.length).toBeGreaterThan(20);
  const ai = await openai.chat.completions.create({ model, messages });
  const stream_options = { include_usage: true };
  const deltas = await collect(await openai.chat.completions.create({ model, messages, stream: true, stream_options }));
  expect([
    whole.message.content,
    pieces.map((piece) => piece.message.content).join(""),
    ai.choices[0]?.message.content,
    deltas.map((delta) => delta.choices[0]?.delta.content ?? "").join(""),
  ]).toEqual([answer, answer, answer, answer]);
  expect(deltas.at(-1)?.usage).toEqual(ai.usage);
  expect(whole.eval_count).toBe(ai.usage?.completion_tokens ?? 0);
});

test("a prompt without a talk is answered, and the limit of tokens ends an answer", async () => {
  const { messages, answer } = asked(DIAGNOSIS!);
  const [system, user] = [messages[0]?.content ?? "", messages[1]?.content ?? ""];
  const said = await ollama.generate({
    model: engine.model,
    system,
    prompt: user,
    options: { num_predict: 5 },
  });
  expect(answer.startsWith(said.response ?? "nothing")).toBe(true);
  expect(said).toMatchObject({ done_reason: "length", eval_count: 5 });
});

test("a schema binds the answer, whatever the model would rather say", async () => {
  const schema = { type: "object", properties: { up: { type: "boolean" }, port: { enum: ["lan", "wan"] } } };
  const answer = await openai.chat.completions.create({
    model: engine.model,
    messages: asked(DIAGNOSIS!).messages,
    response_format: { type: "json_schema", json_schema: { name: "port", schema } },
  });
  const { up, port } = JSON.parse(answer.choices[0]?.message.content ?? "") as { up: unknown; port: unknown };
  expect([typeof up, ["lan", "wan"].includes(String(port))]).toEqual(["boolean", true]);
});

test("a tool is called with arguments of its schema, in pieces or whole, and its answer is read", async () => {
  const [talk] = unseen(1, ({ messages }) => messages[2]?.calls?.[0]?.name === "metrics");
  const { messages } = asked(talk!);
  const { model } = engine;
  const local = await ollama.chat({ model, messages, tools: [...OFFERED] });
  const deltas = await collect(await openai.chat.completions.create({ model, messages, tools: OFFERED, stream: true }));
  const parts = deltas.flatMap((delta) => delta.choices[0]?.delta.tool_calls ?? []);
  const input = parts.map((part) => part.function?.arguments ?? "").join("");
  expect(parts.length).toBeGreaterThan(3);
  expect([parts[0]?.function?.name, deltas.at(-1)?.choices[0]?.finish_reason]).toEqual(["metrics", "tool_calls"]);
  expect(prepareCall("metrics", JSON.parse(input)).kind).toBe("ready");
  expect(local.message.tool_calls).toEqual([{ function: { name: "metrics", arguments: JSON.parse(input) as object } }]);
  const call = { id: "a", type: "function" as const, function: { name: "metrics", arguments: input } };
  const after = await openai.chat.completions.create({
    model,
    messages: [
      ...messages,
      { role: "assistant", tool_calls: [call] },
      { role: "tool", tool_call_id: call.id, content: "<data>\nE9: {}\n</data>" },
    ],
    tools: OFFERED,
  });
  expect(after.choices[0]?.message.content).toContain("SUMMARY: ");
});

test("who hangs up is not answered any further, and the next one is", async () => {
  const { messages } = asked(DIAGNOSIS!);
  const { model } = engine;
  const hung = await openai.chat.completions.create({ model, messages, stream: true });
  for await (const delta of hung) if (delta.choices[0]?.delta.content) break;
  const next = await ollama.chat({ model, messages, options: { num_predict: 3 } });
  expect(next.message.content).toBe("SUMMARY: The");
});

test("what does not fit the window is refused with its numbers", async () => {
  const long = Array.from({ length: 40 }, (_, i) => ({ role: "user", content: `${i} `.repeat(300) }));
  const refused = await refusal(ollama.chat({ model: engine.model, messages: long }));
  expect(refused).toMatch(/^a talk of \d+ tokens and 128 to answer exceed the window of 2048$/);
});

/** Servers that speak the real wire protocols and say what no engine says on command; packaging/parts has a real one. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { z } from "zod";

/** One answer of the model: pieces of text, and tools it asks for. */
export interface Answer {
  pieces?: string[];
  calls?: { name: string; input: Record<string, unknown> }[];
  /** Stops talking for good after the pieces, without ending the stream. */
  hangs?: boolean;
  /** Breaks the connection after the pieces. */
  breaks?: boolean;
  /** Answers with this HTTP status instead. */
  status?: number;
}

const requestSchema = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.string().nullish() })),
  tools: z.array(z.unknown()).optional(),
});
export type WireRequest = z.output<typeof requestSchema>;

export interface WireServer {
  url: string;
  requests: WireRequest[];
  stop(): Promise<void>;
}

type Encode = (answer: Answer, send: (text: string) => void) => void;

async function serve(path: string, contentType: string, answers: Answer[], encode: Encode): Promise<WireServer> {
  const requests: WireRequest[] = [];
  const server = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end("no such path");
      return;
    }
    const reply = async () => {
      requests.push(requestSchema.parse(await json(request)));
      const answer = answers[requests.length - 1] ?? answers.at(-1) ?? {};
      response.writeHead(answer.status ?? 200, {
        "content-type": answer.status === undefined ? contentType : "application/json",
      });
      if (answer.status !== undefined) response.end(JSON.stringify({ error: "overloaded" }));
      else encode(answer, (text) => response.write(text));
      if (answer.breaks === true) response.destroy();
      else if (answer.hangs !== true) response.end();
    };
    reply().catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** OpenAI chat completions, streamed: server-sent events, tool calls in pieces keyed by index, usage at the end. */
export async function openAiServer(...answers: Answer[]): Promise<WireServer> {
  const server = await serve("/v1/chat/completions", "text/event-stream", answers, (answer, send) => {
    const base = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_700_000_000, model: "test-model" };
    const chunk = (delta: unknown, finish: string | null = null) =>
      send(`data: ${JSON.stringify({ ...base, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
    chunk({ role: "assistant", content: "" });
    for (const piece of answer.pieces ?? []) chunk({ content: piece });
    for (const [index, { name, input }] of (answer.calls ?? []).entries()) {
      const text = JSON.stringify(input);
      const half = Math.floor(text.length / 2);
      chunk({ tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name, arguments: "" } }] });
      chunk({ tool_calls: [{ index, function: { arguments: text.slice(0, half) } }] });
      chunk({ tool_calls: [{ index, function: { arguments: text.slice(half) } }] });
    }
    if (answer.hangs === true || answer.breaks === true) return;
    chunk({}, answer.calls ? "tool_calls" : "stop");
    send(
      `data: ${JSON.stringify({ ...base, choices: [], usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 } })}\n\n`,
    );
    send("data: [DONE]\n\n");
  });
  return { ...server, url: `${server.url}/v1` };
}

/** Ollama /api/chat, streamed: one JSON object a line. */
export function ollamaServer(...answers: Answer[]): Promise<WireServer> {
  return serve("/api/chat", "application/x-ndjson", answers, (answer, send) => {
    const base = { model: "test-model", created_at: "2026-01-01T00:00:00Z" };
    const line = (value: unknown) => send(`${JSON.stringify(value)}\n`);
    for (const piece of answer.pieces ?? [])
      line({ ...base, message: { role: "assistant", content: piece }, done: false });
    if (answer.calls) {
      const calls = answer.calls.map(({ name, input }) => ({ function: { name, arguments: input } }));
      line({ ...base, message: { role: "assistant", content: "", tool_calls: calls }, done: false });
    }
    if (answer.hangs === true || answer.breaks === true) return;
    line({
      ...base,
      message: { role: "assistant", content: "" },
      done: true,
      done_reason: "stop",
      prompt_eval_count: 10,
      eval_count: 20,
    });
  });
}

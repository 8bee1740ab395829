import { type Message, Ollama } from "ollama";
import type { ChatChunk, ChatMessage, ChatModel, ChatRequest } from "./chat.ts";

export interface OllamaOptions {
  host: string;
  model: string;
}

/** A model on an Ollama server. The client knows no time-out: the signal goes into its fetch. */
export function ollamaModel({ host, model }: OllamaOptions): ChatModel {
  return {
    source: "ollama",
    name: model,
    async *chat({ messages, tools, outputTokensMax, signal }: ChatRequest): AsyncGenerator<ChatChunk> {
      const client = new Ollama({
        host,
        fetch: Object.assign(
          (input: string | URL | Request, init?: RequestInit) =>
            fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([signal, init.signal]) : signal }),
          { preconnect: fetch.preconnect },
        ),
      });
      const stream = await client.chat({
        model,
        messages: messages.map(wireMessage),
        tools: tools.map((tool) => ({ type: "function", function: { ...tool } })),
        stream: true,
        options: { temperature: 0, num_predict: outputTokensMax },
      });
      let calls = 0;
      for await (const { message, done, eval_count: outputTokens } of stream) {
        if (message.content !== "") yield { kind: "text", text: message.content };
        for (const { function: asked } of message.tool_calls ?? []) {
          calls += 1;
          yield { kind: "call", call: { id: `call-${calls}`, name: asked.name, input: asked.arguments } };
        }
        if (done) yield { kind: "usage", outputTokens: outputTokens ?? 0 };
      }
    },
  };
}

function wireMessage(message: ChatMessage): Message {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "assistant":
      return {
        role: "assistant",
        content: message.text,
        ...(message.calls.length === 0
          ? {}
          : {
              tool_calls: message.calls.map((call) => ({
                function: { name: call.name, arguments: recordOf(call.input) },
              })),
            }),
      };
    case "tool":
      return { role: "tool", tool_name: message.call.name, content: message.text };
  }
}

function recordOf(input: unknown): Record<string, unknown> {
  return typeof input === "object" && input !== null ? { ...input } : {};
}

import OpenAI from "openai";
import type { ChatChunk, ChatMessage, ChatModel, ChatRequest } from "./chat.ts";

export interface OpenAiOptions {
  baseUrl: string;
  /** Local servers need none. */
  apiKey?: string | undefined;
  model: string;
}

const HEADERS_TIMEOUT_MS = 30_000;
const CALLS_MAX = 16;

/** Any server that speaks OpenAI's chat completions. */
export function openAiModel({ baseUrl, apiKey, model }: OpenAiOptions): ChatModel {
  const client = new OpenAI({ baseURL: baseUrl, apiKey: apiKey ?? "none", maxRetries: 0, timeout: HEADERS_TIMEOUT_MS });
  return {
    source: "openai",
    name: model,
    async *chat({ messages, tools, outputTokensMax, signal }: ChatRequest): AsyncGenerator<ChatChunk> {
      const stream = await client.chat.completions.create(
        {
          model,
          messages: messages.map(wireMessage),
          ...(tools.length === 0
            ? {}
            : { tools: tools.map((tool) => ({ type: "function" as const, function: { ...tool } })) }),
          max_tokens: outputTokensMax,
          temperature: 0,
          stream: true,
          stream_options: { include_usage: true },
        },
        { signal },
      );
      const calls = new Map<number, { id: string; name: string; text: string }>();
      for await (const chunk of stream) {
        if (chunk.usage) yield { kind: "usage", outputTokens: chunk.usage.completion_tokens };
        const delta = chunk.choices[0]?.delta;
        if (delta?.content) yield { kind: "text", text: delta.content };
        for (const part of delta?.tool_calls ?? []) {
          const call = calls.get(part.index) ?? { id: "", name: "", text: "" };
          call.id ||= part.id ?? "";
          call.name += part.function?.name ?? "";
          call.text += part.function?.arguments ?? "";
          if (calls.size < CALLS_MAX) calls.set(part.index, call);
        }
      }
      for (const { id, name, text } of calls.values()) {
        yield { kind: "call", call: { id, name, input: parseInput(text) } };
      }
    },
  };
}

function wireMessage(message: ChatMessage): OpenAI.ChatCompletionMessageParam {
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
                id: call.id,
                type: "function" as const,
                function: { name: call.name, arguments: JSON.stringify(call.input) },
              })),
            }),
      };
    case "tool":
      return { role: "tool", tool_call_id: message.call.id, content: message.text };
  }
}

/** What is not JSON stays text; the argument check refuses it and tells the model why. */
function parseInput(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    return text;
  }
}

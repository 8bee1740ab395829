/** One model behind either wire protocol, as the narration needs it. */
export interface ChatModel {
  source: "openai" | "ollama";
  name: string;
  /** Streams one answer. Throws when the server refuses or the stream breaks; `signal` ends it. */
  chat(request: ChatRequest): AsyncIterable<ChatChunk>;
}

export interface ChatRequest {
  messages: readonly ChatMessage[];
  tools: readonly ChatTool[];
  outputTokensMax: number;
  signal: AbortSignal;
}

export type ChatMessage =
  | { role: "system" | "user"; text: string }
  | { role: "assistant"; text: string; calls: readonly ChatToolCall[] }
  | { role: "tool"; call: ChatToolCall; text: string };

export interface ChatTool {
  name: string;
  description: string;
  /** JSON Schema. */
  parameters: Record<string, unknown>;
}

export interface ChatToolCall {
  id: string;
  name: string;
  /** As the model gave it; checked before use. */
  input: unknown;
}

export type ChatChunk =
  | { kind: "text"; text: string }
  | { kind: "call"; call: ChatToolCall }
  | { kind: "usage"; outputTokens: number };

/** Speaks Ollama's /api/chat on loopback and says what no engine says on command; packaging/parts has a real one. */
export interface OllamaServer {
  host: string;
  requests: ChatRequest[];
  reply: (request: ChatRequest) => Promise<Response> | Response;
  stop(): Promise<void>;
}

export interface ChatRequest {
  model: string;
  stream: boolean;
  format: { properties: Record<string, unknown>; required: string[] };
  messages: { role: string; content: string }[];
  options: Record<string, number>;
}

export function startOllamaServer(reply: OllamaServer["reply"]): OllamaServer {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const url = new URL(request.url);
      if (request.method !== "POST" || url.pathname !== "/api/chat")
        return new Response("404 page not found", { status: 404 });
      const body = (await request.json()) as ChatRequest;
      ollama.requests.push(body);
      return ollama.reply(body);
    },
  });
  const ollama: OllamaServer = {
    host: `127.0.0.1:${server.port}`,
    requests: [],
    reply,
    stop: () => server.stop(true),
  };
  return ollama;
}

export function saying(content: unknown, model = "tiny"): Response {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return Response.json({
    model,
    created_at: "2026-01-01T00:00:00.000000Z",
    message: { role: "assistant", content: text },
    done_reason: "stop",
    done: true,
    total_duration: 5_000_000,
    load_duration: 1_000_000,
    prompt_eval_count: 20,
    prompt_eval_duration: 1_000_000,
    eval_count: 12,
    eval_duration: 3_000_000,
  });
}

/** A model server: llama.cpp behind Ollama's and OpenAI's interfaces, on a free port that it tells on stdout. */
import { statSync } from "node:fs";
import { z } from "zod";
import { openModel, TooLong } from "./model.ts";
import { ollamaReply, type Served } from "./ollama-wire.ts";
import { openAiReply } from "./openai-wire.ts";

const [modelPath = "", name = ""] = process.argv.slice(2);
const served: Served = { model: await openModel(modelPath), name, bytes: statSync(modelPath).size };
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  async fetch(request) {
    try {
      const reply = (await ollamaReply(served, request)) ?? (await openAiReply(served, request));
      return reply ?? new Response("404 page not found", { status: 404 });
    } catch (error) {
      if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof TooLong)
        return Response.json({ error: error.message }, { status: 400 });
      throw error;
    }
  },
});
process.stdout.write(`${server.port}\n`);

import { join } from "node:path";
import { startChild } from "@watchpost/db/embedded";

const MODEL = join(import.meta.dir, "..", "model", "tiny.gguf");
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 2_000;

export interface Engine {
  /** Of both interfaces: OLLAMA_HOST. */
  url: string;
  /** OPENAI_BASE_URL. */
  openAiUrl: string;
  /** Name of the one model it has. */
  model: string;
  /** Stands still, with its connections open, as a machine that swaps itself to death. */
  pause(): void;
  /** Does nothing to one that is dead. */
  resume(): void;
  /** Dies at once. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a model server in a process of its own. */
export async function startEngine(options: { logFile: string }): Promise<Engine> {
  const model = "watchpost-tiny";
  const child = startChild({
    name: "engine",
    command: process.execPath,
    args: [join(import.meta.dir, "engine-process.ts"), MODEL, model],
    logFile: options.logFile,
    pipeStdout: true,
  });
  const port = await firstLine(child.stdout).catch(async (error: unknown) => {
    await child.stop("SIGKILL", STOP_MS_MAX);
    throw new Error(`the model server did not start within ${START_MS_MAX} ms, see ${options.logFile}`, {
      cause: error,
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    openAiUrl: `${url}/v1`,
    model,
    pause: () => void process.kill(child.pid, "SIGSTOP"),
    resume() {
      if (!child.hasExited()) process.kill(child.pid, "SIGCONT");
    },
    kill: () => child.stop("SIGKILL", STOP_MS_MAX),
    stop: () => child.stop("SIGKILL", STOP_MS_MAX),
  };
}

async function firstLine(stdout: ReadableStream<Uint8Array> | undefined): Promise<string> {
  const reader = stdout?.getReader();
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => deadline.reject(new Error("too late")), START_MS_MAX);
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (!text.includes("\n") && text.length < 100) {
      const chunk = await Promise.race([reader?.read(), deadline.promise]);
      if (!chunk || chunk.done) throw new Error("it ended");
      text += decoder.decode(chunk.value, { stream: true });
    }
  } finally {
    clearTimeout(timer);
    reader?.releaseLock();
  }
  return text.trim();
}

import { join } from "node:path";
import { LabClient } from "../lab/index.ts";
import { scratchDir } from "../parts/index.ts";

const READY_DEADLINE_MS = 120_000;

/** The one line of `npm start -- --json`. */
export interface Ready {
  url: string;
  signInUrl: string;
  apiToken: string;
  grpc: string;
  vmUrl: string;
  databaseUrl: string;
  collectorStatusUrl: string;
  pid: number;
  /** The authority behind grpc's certificate, PEM. */
  caFile: string;
}

export interface Stack extends Ready {
  dir: string;
  readyMs: number;
  lab(): LabClient;
  api(path: string, init?: { method?: string; body?: unknown }): Promise<Response>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number>;
  /** All that it said on stderr, once it has stopped. */
  said: Promise<string>;
}

/** Runs the README's start command on a data folder of its own and waits for its line. */
export async function startStack(options: { dir?: string; args?: string[] } = {}): Promise<Stack> {
  const dir = options.dir ?? scratchDir("journey");
  const began = performance.now();
  const child = spawnStart(["--json", "--data", dir, ...(options.args ?? [])]);
  const errors = new Response(child.stderr).text();
  const line = await Promise.race([
    firstLine(child.stdout),
    child.exited.then(() => ""),
    Bun.sleep(READY_DEADLINE_MS).then(() => ""),
  ]);
  if (line === "") {
    child.kill("SIGTERM");
    throw new Error(`npm start printed no line within ${READY_DEADLINE_MS} ms: ${await errors}`);
  }
  const ready = JSON.parse(line) as Ready;
  return {
    ...ready,
    dir,
    readyMs: performance.now() - began,
    said: errors,
    lab: () => LabClient.connect(join(dir, "lab")),
    api: (path, init = {}) =>
      fetch(new URL(path, ready.url), {
        method: init.method ?? "GET",
        headers: { authorization: `Bearer ${ready.apiToken}`, "content-type": "application/json" },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      }),
    async stop() {
      child.kill("SIGTERM");
      return child.exited;
    },
  };
}

/** `npm start -- ARGS`, with the runtime that runs the tests. */
export function spawnStart(args: string[]) {
  const script = join(import.meta.dir, "..", "setup", "start.mjs");
  return Bun.spawn([process.execPath, script, ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  return text;
}

/** Asks again until the answer is there; fails with what it was waiting for. */
export async function until<T>(what: string, deadlineMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await Bun.sleep(100);
  }
}

import type { Observed } from "./switch.ts";

/** What a subject spent on one round. */
export interface Round {
  polls: number;
  cpuMs: number;
  rssBytes: number;
  /** Requests sent, where the subject counts them; 0 otherwise. */
  requests: number;
}

/** One program that polls the simulated switches. */
export interface Subject {
  name: string;
  /** Polls as fast as it can, several devices at a time. */
  run(polls: number): Promise<Round>;
  /** What it read last of each device, and how many values it lost. */
  observed(): Promise<Observed[]>;
  stop(): Promise<void>;
}

/** A child process that is told one line and answers with one line of JSON. */
export class LineProcess {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;

  constructor(command: string[], env: Record<string, string | undefined> = process.env) {
    this.#name = command.slice(0, 2).join(" ");
    this.#child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit", env });
    this.#lines = linesOf(this.#child.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid;
  }

  async ask(line: string): Promise<unknown> {
    await this.#child.stdin.write(`${line}\n`);
    await this.#child.stdin.flush();
    return this.answer();
  }

  async answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`${this.#name} ended with ${await this.#child.exited} before it answered`);
    return JSON.parse(value);
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await this.#child.exited;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

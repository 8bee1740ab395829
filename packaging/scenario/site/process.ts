import { openSync } from "node:fs";

const LINE_BYTES_MAX = 1_048_576;

export interface ProcessOptions {
  script: string;
  args: string[];
  logFile: string;
  env?: Record<string, string>;
  /** Put before the command, as `unshare --mount`. */
  wrap?: string[];
  onLine: (line: string) => void;
}

/** A program of the checkout that we started, talk to in lines, and may kill. */
export class LineProcess {
  readonly startedAtMs = performance.now();
  readonly #child: Bun.Subprocess<"pipe", "pipe", number>;
  readonly #read: Promise<void>;

  constructor({ script, args, logFile, env = {}, wrap = [], onLine }: ProcessOptions) {
    this.#child = Bun.spawn([...wrap, process.execPath, script, ...args], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: openSync(logFile, "a", 0o600),
      env: { ...process.env, ...env },
    });
    this.#read = readLines(this.#child.stdout, onLine);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit code, or 128 and the number of the signal that ended it. */
  get exited(): Promise<number> {
    return this.#child.exited;
  }

  say(line: string): void {
    void this.#child.stdin.write(`${line}\n`);
    void this.#child.stdin.flush();
  }

  /** SIGKILL; resolves when it is gone and its last line is read. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    await this.#read;
  }

  /** Asks it to stop; kills it after the deadline. */
  async stop(deadlineMs = 15_000): Promise<void> {
    if (this.isAlive) this.say("stop");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), deadlineMs);
    await this.#child.exited;
    clearTimeout(timer);
    await this.#read;
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    if (text.length > LINE_BYTES_MAX) throw new Error(`a line of ${text.length} bytes from a scenario's process`);
    for (const line of lines) onLine(line);
  }
}

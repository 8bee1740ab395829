import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Child, startChild } from "@watchpost/db/embedded";
import { type Life, wayOf } from "./keep.ts";
import { StartRefused } from "./refused.ts";

const STOP_DEADLINE_MS = 30_000;

/** One process of the product, started and stopped by us. */
export interface Part {
  name: string;
  logFile: string;
  child: Child;
}

/** Starts a program of the checkout under this same Bun. Its stderr goes to `<logDir>/<name>.log`. */
export function startPart(options: {
  name: string;
  args: string[];
  logDir: string;
  env?: Record<string, string>;
  /** For a part that says on stdout when it is ready. */
  pipeStdout?: boolean;
}): Part {
  const { name, args, logDir, env, pipeStdout = false } = options;
  const logFile = join(logDir, `${name}.log`);
  const child = startChild({
    name,
    command: process.execPath,
    args,
    logFile,
    pipeStdout,
    ...(env ? { env } : {}),
  });
  return { name, logFile, child };
}

/** SIGTERM, then SIGKILL after 30 s. */
export function stopPart(part: Part): Promise<void> {
  return part.child.stop("SIGTERM", STOP_DEADLINE_MS);
}

/** The part's run, for what keeps it running. */
export function lifeOf(part: Part): Life {
  return { exited: part.child.exited, stop: () => stopPart(part), lastWords: () => lastWords(part.logFile) };
}

/** The first line that the part prints on stdout: how it says that it is ready. */
export async function firstLine(part: Part, deadlineMs: number): Promise<string> {
  const ended = part.child.exited.then((code) => ({ kind: "ended" as const, code }));
  const late = Bun.sleep(deadlineMs).then(() => ({ kind: "late" as const }));
  const first = await Promise.race([readLine(part.child.stdout), ended, late]);
  switch (first.kind) {
    case "line":
      return first.text;
    case "ended":
      throw new StartRefused(`the ${part.name} ended (${wayOf(first.code)}). ${lastWords(part.logFile)}`);
    case "late":
      throw new StartRefused(`the ${part.name} was not ready after ${deadlineMs} ms. ${lastWords(part.logFile)}`);
  }
}

async function readLine(stream: ReadableStream<Uint8Array> | undefined): Promise<{ kind: "line"; text: string }> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return { kind: "line", text: text.slice(0, end) };
  }
  // The stream ended without a line; the exit code says more.
  return new Promise(() => undefined);
}

/** The log's last line, or the message in it when it is a JSON record. */
function lastWords(logFile: string): string {
  const last = readFileSync(logFile, "utf8").trim().split("\n").at(-1) ?? "";
  if (last === "") return `${basename(logFile)} is empty.`;
  return `It says: ${messageOf(last)} (${logFile})`;
}

function messageOf(line: string): string {
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === "object" && record !== null && "msg" in record ? String(record.msg) : line;
  } catch (error) {
    // A plain sentence, or a record that was cut by the end of its process.
    if (!(error instanceof SyntaxError)) throw error;
    return line;
  }
}

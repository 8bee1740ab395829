import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScriptOutcome } from "@watchpost/proto";
import { renderArgv } from "@watchpost/proto/script";
import { KILL_GRACE_MS, OUTPUT_BYTES_MAX, TIMEOUT_MS_MAX } from "./limits.ts";
import { signalGroup } from "./orphan.ts";
import { createOutputCollector, type OnChunk, type OutputCollector, type StreamName } from "./output.ts";
import { type Accepted, onlyOne } from "./verify.ts";

export type StopReason = "timeout" | "cancelled" | "interrupted";

export interface Finished {
  outcome: ScriptOutcome;
  exitCode: number;
  reason: string;
  truncated: boolean;
}

export interface Run {
  /** Undefined when nothing was started. */
  pid: number | undefined;
  done: Promise<Finished>;
  stop(reason: StopReason): void;
}

const OUTCOME_OF = {
  timeout: ScriptOutcome.TIMED_OUT,
  cancelled: ScriptOutcome.CANCELLED,
  interrupted: ScriptOutcome.INTERRUPTED,
} as const satisfies Record<StopReason, ScriptOutcome>;

/** Starts the program of an accepted order. It gets a folder, a session and an environment of its own, and no shell. */
export function startRun(accepted: Accepted, options: { dir: string; onChunk: OnChunk }): Run {
  const home = mkdtempSync(join(options.dir, "run-"));
  const remove = () => rmSync(home, { recursive: true, force: true });
  const started = spawn(accepted, home);
  if (started.kind === "failed") {
    remove();
    return { pid: undefined, done: Promise.resolve(failedToStart(started.reason)), stop: () => undefined };
  }
  const child = started.child;
  let stopped: StopReason | undefined;
  let killTimer: Timer | undefined;
  const stop = (reason: StopReason) => {
    if (stopped !== undefined) return;
    stopped = reason;
    signalGroup(child.pid, "SIGTERM");
    killTimer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), KILL_GRACE_MS);
  };
  const timeoutMs = Math.min(accepted.script.timeoutMs, TIMEOUT_MS_MAX);
  const timeoutTimer = setTimeout(() => stop("timeout"), timeoutMs);

  async function follow(): Promise<Finished> {
    const output = createOutputCollector(Math.min(accepted.script.outputBytesMax, OUTPUT_BYTES_MAX), options.onChunk);
    const drained = Promise.all([drain(child.stdout, "stdout", output), drain(child.stderr, "stderr", output)]);
    const exitCode = await child.exited;
    clearTimeout(timeoutTimer);
    clearTimeout(killTimer);
    // What the program left behind holds its output open and may not outlive it.
    signalGroup(child.pid, "SIGKILL");
    await Promise.race([drained, Bun.sleep(KILL_GRACE_MS)]);
    output.close();
    remove();
    const truncated = output.cutBytes() > 0;
    if (stopped === undefined) return { outcome: ScriptOutcome.FINISHED, exitCode, reason: "", truncated };
    return { outcome: OUTCOME_OF[stopped], exitCode, reason: stopReason(stopped, timeoutMs), truncated };
  }
  return { pid: child.pid, done: follow(), stop };
}

function stopReason(stopped: StopReason, timeoutMs: number): string {
  switch (stopped) {
    case "timeout":
      return `The script was ended after its time-out of ${timeoutMs} ms.`;
    case "cancelled":
      return "The script was ended because a person cancelled it.";
    case "interrupted":
      return "The script was ended because the collector stopped.";
  }
}

function spawn(accepted: Accepted, home: string) {
  const cwd = join(home, "work");
  const bodyPath = join(home, "body");
  mkdirSync(cwd, { mode: 0o700 });
  writeFileSync(bodyPath, accepted.script.body, { mode: 0o700 });
  const { parameters, schema, targets } = accepted;
  const rendered = renderArgv(accepted.script.argv, { parameters, schema, bodyPath, target: onlyOne(targets) });
  if (rendered.kind === "refused") return { kind: "failed", reason: rendered.reason } as const;
  try {
    const child = Bun.spawn(rendered.argv, {
      cwd,
      detached: true,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        LANG: "C.UTF-8",
        HOME: cwd,
        TMPDIR: cwd,
        WATCHPOST_EXECUTION_ID: accepted.order.executionId,
        WATCHPOST_TARGETS: JSON.stringify(targets),
      },
    });
    return { kind: "started", child } as const;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "failed", reason: `${rendered.argv[0]} did not start: ${reason}` } as const;
  }
}

function failedToStart(reason: string): Finished {
  return { outcome: ScriptOutcome.FAILED_TO_START, exitCode: -1, reason, truncated: false };
}

async function drain(source: ReadableStream<Uint8Array>, stream: StreamName, output: OutputCollector): Promise<void> {
  for await (const bytes of source) output.take(stream, bytes);
}

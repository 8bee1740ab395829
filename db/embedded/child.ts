import { existsSync, openSync } from "node:fs";
import type { Account } from "./account.ts";

const SETPRIV = "/usr/bin/setpriv";

export interface ChildOptions {
  name: string;
  command: string;
  args: string[];
  logFile: string;
  runAs?: Account;
  env?: Record<string, string>;
  /** Hands the child's stdout to the caller instead of the log. */
  pipeStdout?: boolean;
}

export interface Child {
  readonly pid: number;
  /** Resolves with the exit code when the process ends, for whatever reason. */
  readonly exited: Promise<number>;
  readonly stdout: ReadableStream<Uint8Array> | undefined;
  hasExited(): boolean;
  /** Sends the signal, then SIGKILL after the deadline. */
  stop(signal: NodeJS.Signals, deadlineMs: number): Promise<void>;
}

/** Starts a program that dies with us: the kernel sends it SIGINT when this process ends without stopping it. */
export function startChild(options: ChildOptions): Child {
  const log = openSync(options.logFile, "a", 0o600);
  const child = Bun.spawn({
    cmd: [...privileges(options.runAs), options.command, ...options.args],
    stdin: "ignore",
    stdout: options.pipeStdout ? "pipe" : log,
    stderr: log,
    env: { ...process.env, ...options.env },
    // A process group of its own: Ctrl-C reaches us alone, and we stop our children in order.
    detached: true,
  });
  return {
    pid: child.pid,
    exited: child.exited,
    stdout: child.stdout instanceof ReadableStream ? child.stdout : undefined,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    async stop(signal, deadlineMs) {
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
      await child.exited;
      clearTimeout(timer);
    },
  };
}

function privileges(runAs: Account | undefined): string[] {
  if (!existsSync(SETPRIV)) {
    if (runAs)
      throw new Error(`${SETPRIV} is missing: root needs it to run Postgres as ${runAs.name}. Install util-linux.`);
    return [];
  }
  // Two steps: a change of account clears the parent-death signal.
  const drop = runAs ? [SETPRIV, "--reuid", String(runAs.uid), "--regid", String(runAs.gid), "--clear-groups"] : [];
  return [...drop, SETPRIV, "--pdeathsig", "INT"];
}

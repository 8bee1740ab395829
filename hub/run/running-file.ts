import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const content = z.object({ pid: z.int(), url: z.string(), grpc: z.string(), databaseUrl: z.string() });

/** How the other commands find a hub that runs on the same data folder. Owner-only: it holds the database's password. */
export type RunningFile = z.output<typeof content>;

const pathIn = (dataDir: string) => join(dataDir, "hub", "running.json");

export function writeRunningFile(dataDir: string, running: RunningFile): void {
  const path = pathIn(dataDir);
  mkdirSync(join(dataDir, "hub"), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.partial`, `${JSON.stringify(running)}\n`, { mode: 0o600 });
  renameSync(`${path}.partial`, path);
}

export function removeRunningFile(dataDir: string): void {
  rmSync(pathIn(dataDir), { force: true });
}

/** Undefined when no hub runs there; a file that a killed hub left behind does not count. */
export function readRunningFile(dataDir: string): RunningFile | undefined {
  const path = pathIn(dataDir);
  if (!existsSync(path)) return undefined;
  const running = content.parse(JSON.parse(readFileSync(path, "utf8")));
  return isAlive(running.pid) ? running : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

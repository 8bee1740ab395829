import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartRefused } from "./refused.ts";

/** Takes the data folder for this run. Returns the way to give it back. */
export function takeDataDir(dir: string): () => void {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new StartRefused(`the data folder ${dir} cannot be written to (${reason}). Choose another with --data DIR.`);
  }
  const lock = join(dir, "running.pid");
  const holder = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
  if (holder !== process.pid && isWatchpost(holder)) {
    throw new StartRefused(
      `Watchpost already runs on ${dir} (process ${holder}). Stop it, or choose another folder with --data DIR.`,
    );
  }
  writeFileSync(lock, String(process.pid), { mode: 0o600 });
  return () => rmSync(lock, { force: true });
}

/** A pid may have been given to another program since: only our own start counts. */
function isWatchpost(pid: number): boolean {
  const file = `/proc/${pid}/cmdline`;
  return pid > 0 && existsSync(file) && readFileSync(file, "utf8").includes(join("setup", "up", "main.ts"));
}

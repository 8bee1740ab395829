import { readFileSync } from "node:fs";

/** Names one process for good: its id alone is used again after a while. Undefined where /proc does not tell. */
export function processMark(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name is in parentheses and may hold spaces; the start time is the 20th field after it.
    const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return startTicks === undefined ? undefined : `${boot}/${pid}/${startTicks}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return undefined;
    throw error;
  }
}

/** Ends a script that outlived the collector which started it. True when there was one. */
export function endOrphan(mark: string): boolean {
  const pid = Number(mark.split("/")[1]);
  if (processMark(pid) !== mark) return false;
  signalGroup(pid, "SIGKILL");
  return true;
}

/** A run leads its own process group (setsid), so this reaches what it started too. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the whole group is gone already, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

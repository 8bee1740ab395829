import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** Memory of a process now, in bytes. */
export function rssOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1_024;
}

/** CPU of a process and of its children, those that ended too: Postgres works in many. */
export function cpuSecondsOfTree(pid: number): number {
  let ticks = 0;
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(entry);
    if (!fields) continue;
    const isRoot = Number(entry) === pid;
    if (!isRoot && Number(fields[1]) !== pid) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
    if (isRoot) ticks += Number(fields[13]) + Number(fields[14]);
  }
  return ticks / TICKS_PER_SECOND;
}

export interface CpuSeconds {
  hub: number;
  postgres: number;
}

/** Seconds of CPU since now. */
export function cpuOf(site: { hub: { pid: number }; postgresPid: number }): () => CpuSeconds {
  const { hub, postgresPid } = site;
  const now = () => ({ hub: cpuSecondsOfTree(hub.pid), postgres: cpuSecondsOfTree(postgresPid) });
  const before = now();
  return () => {
    const after = now();
    return { hub: after.hub - before.hub, postgres: after.postgres - before.postgres };
  };
}

/** Fields from the state on; undefined when the process has ended meanwhile. */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH"))
      return undefined;
    throw error;
  }
}

import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** The Postgres of a hub that was killed a moment ago needs this long to end. */
const ENDING_DEADLINE_MS = 5_000;
const POLL_MS = 50;

/** Returns once no Postgres runs on the cluster, or says who holds it: two servers on one cluster would destroy it. */
export async function requireAlone(cluster: string, dataDir: string): Promise<void> {
  const deadline = performance.now() + ENDING_DEADLINE_MS;
  let holder = holderOf(cluster) ?? leftoverOf(cluster);
  while (holder !== undefined && performance.now() < deadline) {
    await Bun.sleep(POLL_MS);
    holder = holderOf(cluster) ?? leftoverOf(cluster);
  }
  if (holder === undefined) return;
  throw new Error(
    `another hub runs on the data folder ${dataDir}: its Postgres is process ${holder}. ` +
      "Stop that hub, or give this one a folder of its own with --data.",
  );
}

/** Process id of the server that runs there. A pid file that a crash left behind may name any process: it must be this. */
function holderOf(cluster: string): number | undefined {
  const file = join(cluster, "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const command = `/proc/${pid}/cmdline`;
  return existsSync(command) && readFileSync(command, "utf8").split("\0").includes(cluster) ? pid : undefined;
}

/** A process of a server that was killed: it still holds the cluster's shared memory for a moment. Each works in its folder. */
function leftoverOf(cluster: string): number | undefined {
  if (!existsSync("/proc") || !existsSync(cluster)) return undefined;
  const folder = realpathSync(cluster);
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.find((pid) => folderOfPostgres(pid) === folder);
}

/** Undefined for another program, a process that has ended, or one that is not ours to look at. */
function folderOfPostgres(pid: number): string | undefined {
  try {
    const program = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    return program === "postgres" ? readlinkSync(`/proc/${pid}/cwd`) : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The Postgres of a hub that was killed a moment ago needs this long to end. */
const ENDING_DEADLINE_MS = 5_000;
const POLL_MS = 50;

/** Returns once no Postgres runs on the cluster, or says who holds it: two servers on one cluster would destroy it. */
export async function requireAlone(cluster: string, dataDir: string): Promise<void> {
  const deadline = performance.now() + ENDING_DEADLINE_MS;
  let holder = holderOf(cluster);
  while (holder !== undefined && performance.now() < deadline) {
    await Bun.sleep(POLL_MS);
    holder = holderOf(cluster);
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

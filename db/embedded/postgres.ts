import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import postgres from "postgres";
import { type Account, isTraversableByOthers, unprivilegedAccount } from "./account.ts";
import { requireAlone } from "./alone.ts";
import { findPostgres } from "./binaries.ts";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 20_000;

export interface EmbeddedPostgres {
  /** postgres:// URL of the superuser, database "watchpost". */
  url: string;
  /** Where the cluster stands. */
  dir: string;
  origin: string;
  exited: Promise<number>;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Data folder of the product; the cluster goes below it, or below /var/lib/watchpost where root's folders are closed. */
  dir: string;
  port?: number;
  /** Extra settings, as name=value. */
  settings?: string[];
}

/** Starts Postgres on loopback with its cluster in `dir`, making the cluster first when there is none. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const runAs = unprivilegedAccount();
  const dir = placeFor(options.dir, runAs);
  const cluster = join(dir, "cluster");
  const { bin, origin } = findPostgres({ stageDir: dir, major: majorOf(cluster) });
  await requireAlone(cluster, options.dir);
  if (majorOf(cluster) === undefined) await initCluster({ bin, dir, cluster, runAs });

  const port = await freePort({ wanted: options.port ?? 0 });
  const logFile = join(dir, "postgres.log");
  const settings = [
    "listen_addresses=127.0.0.1",
    `port=${port}`,
    "unix_socket_directories=",
    ...(options.settings ?? []),
  ];
  const child = startChild({
    name: "postgres",
    command: join(bin, "postgres"),
    args: ["-D", cluster, ...settings.flatMap((s) => ["-c", s])],
    logFile,
    ...(runAs ? { runAs } : {}),
  });
  const password = readFileSync(join(dir, "password"), "utf8").trim();
  const url = `postgres://watchpost:${password}@127.0.0.1:${port}`;
  await untilReady(url, child, logFile);
  return {
    url: `${url}/watchpost`,
    dir,
    origin,
    exited: child.exited,
    stop: () => child.stop("SIGINT", STOP_DEADLINE_MS),
  };
}

function placeFor(dir: string, runAs: Account | undefined): string {
  const wanted = join(dir, "postgres");
  const reachable = !runAs || isTraversableByOthers(wanted);
  const place = reachable
    ? wanted
    : join("/var/lib/watchpost", createHash("sha256").update(wanted).digest("hex").slice(0, 12), "postgres");
  mkdirSync(place, { recursive: true, mode: 0o755 });
  return place;
}

async function initCluster(c: {
  bin: string;
  dir: string;
  cluster: string;
  runAs: Account | undefined;
}): Promise<void> {
  mkdirSync(c.cluster, { recursive: true, mode: 0o700 });
  const passwordFile = join(c.dir, "password");
  writeFileSync(passwordFile, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600 });
  if (c.runAs) {
    chownSync(c.cluster, c.runAs.uid, c.runAs.gid);
    chownSync(passwordFile, c.runAs.uid, c.runAs.gid);
  }
  const logFile = join(c.dir, "initdb.log");
  const child = startChild({
    name: "initdb",
    command: join(c.bin, "initdb"),
    args: "-U watchpost --auth scram-sha-256 -E UTF8 --locale C --data-checksums"
      .split(" ")
      .concat("-D", c.cluster, "--pwfile", passwordFile),
    logFile,
    ...(c.runAs ? { runAs: c.runAs } : {}),
  });
  const code = await child.exited;
  if (code !== 0) throw new Error(`initdb for ${c.cluster} ended with code ${code}: ${tail(logFile)}`);
}

/** The cluster's own record of the version that made it; undefined when there is no cluster. */
function majorOf(cluster: string): number | undefined {
  const record = join(cluster, "PG_VERSION");
  if (!existsSync(record)) return undefined;
  const major = Number(readFileSync(record, "utf8").trim());
  if (Number.isInteger(major)) return major;
  throw new Error(`${record} does not hold a version of Postgres. Restore the cluster from a backup.`);
}

async function untilReady(url: string, child: Child, logFile: string): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  let last = "";
  while (performance.now() < deadline) {
    if (child.hasExited()) throw new Error(`Postgres ended while starting: ${tail(logFile)}`);
    const sql = postgres(`${url}/postgres`, { max: 1, connect_timeout: 2, onnotice: () => undefined });
    try {
      const found = await sql`select 1 from pg_database where datname = 'watchpost'`;
      if (found.length === 0) await sql`create database watchpost`;
      return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      await Bun.sleep(50);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  await child.stop("SIGINT", STOP_DEADLINE_MS);
  throw new Error(`Postgres gave no answer in ${START_DEADLINE_MS} ms (${last}): ${tail(logFile)}`);
}

function tail(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-3).join(" | ") : "no log";
}

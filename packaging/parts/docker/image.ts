import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findPostgres } from "@watchpost/db/embedded";

/** Nobody's account inside of a container. */
const UID = 999;

export interface Image {
  name: string;
  /** What stands at the container's root. */
  root: string;
  changes: readonly string[];
}

/** What the official image does, in short: makes the cluster on a server of its own, then starts the one to be used. */
const POSTGRES_ENTRY = `#!/bin/sh
set -eu
cd /postgres/bin
export PGDATA=/data/cluster
printf '%s' "$POSTGRES_PASSWORD" > /data/password
./initdb --username="$POSTGRES_USER" --pwfile=/data/password --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync
printf 'host all all all scram-sha-256\\n' >> "$PGDATA/pg_hba.conf"
./pg_ctl --wait --options="-c listen_addresses= -k /data" start
./pg_ctl --wait --mode=fast stop
printf 'create database "%s"' "$POSTGRES_DB" | ./postgres --single postgres
exec ./postgres -c listen_addresses='*' -k /data -c fsync=off -c max_connections=200
`;

/** Postgres of the embedded package, with the libraries of this machine. */
export async function postgresImage(name: string, dir: string): Promise<Image> {
  const root = join(dir, "postgres");
  const { bin } = findPostgres({ stageDir: join(dir, "stage") });
  cpSync(dirname(bin), join(root, "postgres"), { recursive: true, verbatimSymlinks: true });
  await copyProgram("/bin/sh", root);
  for (const program of ["postgres", "initdb", "pg_ctl"]) await copyLibraries(join(bin, program), root);
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc", "passwd"), `postgres:x:${UID}:${UID}::/data:/bin/sh\n`);
  writeFileSync(join(root, "entry.sh"), POSTGRES_ENTRY, { mode: 0o755 });
  ownFolder(join(root, "data"));
  sharedTmp(root);
  return { name, root, changes: [`USER ${UID}:${UID}`, 'ENTRYPOINT ["/entry.sh"]', "EXPOSE 5432"] };
}

/** VictoriaMetrics of the distribution. */
export async function victoriaMetricsImage(name: string, dir: string): Promise<Image> {
  const root = join(dir, "victoria-metrics");
  const program = Bun.which("victoria-metrics");
  if (!program)
    throw new Error("victoria-metrics is not installed; `npm test` installs it, or apt-get install victoria-metrics");
  await copyProgram(program, root, "/victoria-metrics");
  ownFolder(join(root, "data"));
  sharedTmp(root);
  const entry = JSON.stringify(["/victoria-metrics", "-storageDataPath=/data"]);
  return { name, root, changes: [`USER ${UID}:${UID}`, `ENTRYPOINT ${entry}`, "EXPOSE 8428"] };
}

function ownFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, UID, UID);
}

function sharedTmp(root: string): void {
  mkdirSync(join(root, "tmp"));
  chmodSync(join(root, "tmp"), 0o1777);
}

async function copyProgram(path: string, root: string, to = path): Promise<void> {
  mkdirSync(join(root, dirname(to)), { recursive: true });
  cpSync(realpathSync(path), join(root, to));
  await copyLibraries(path, root);
}

/** Libraries stand in the container where the program looks for them here; those beside it came with it. */
async function copyLibraries(program: string, root: string): Promise<void> {
  const listed = Bun.spawn(["ldd", program], { stdout: "pipe", stderr: "pipe" });
  const text = await new Response(listed.stdout).text();
  if ((await listed.exited) !== 0) throw new Error(`ldd ${program}: ${await new Response(listed.stderr).text()}`);
  for (const [, path = ""] of text.matchAll(/(\/\S+) \(0x/g)) {
    const target = join(root, path);
    if (path.startsWith(dirname(dirname(program))) || existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(path), target);
  }
  if (text.includes("not found")) throw new Error(`${basename(program)} lacks a library here: ${text}`);
}

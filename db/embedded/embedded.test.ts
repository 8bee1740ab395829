import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { scratchDir } from "../../packaging/parts/index.ts";
import { findPostgres } from "./binaries.ts";
import { startPostgres } from "./index.ts";

/** A folder that looks like Postgres to the search. */
function install(root: string, name: string): string {
  const bin = join(root, name, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "initdb"), "");
  return bin;
}

test("a cluster is run by its own major version: staged by an earlier start first, then the distribution's", () => {
  const [stageDir, systemRoot] = [scratchDir("stage"), scratchDir("system")];
  const search = { stageDir, systemRoot, packaged: undefined };
  const system15 = install(systemRoot, "15");
  install(systemRoot, "9");
  expect(findPostgres(search).bin).toBe(system15);
  install(stageDir, "postgres-18.4.0-beta.9");
  const staged = install(stageDir, "postgres-18.4.0-beta.17");
  install(stageDir, "postgres-19.0.0.4711.partial");
  expect(findPostgres(search)).toEqual({ bin: staged, origin: "staged 18.4.0-beta.17" });
  expect(findPostgres({ ...search, major: 18 }).bin).toBe(staged);
  expect(findPostgres({ ...search, major: 15 }).bin).toBe(system15);
});

test("where no Postgres of the cluster's version is, one sentence says which is needed and what is there", () => {
  const [stageDir, systemRoot] = [scratchDir("stage"), scratchDir("system")];
  install(systemRoot, "15");
  const search = { stageDir, systemRoot, packaged: undefined, major: 18 };
  expect(() => findPostgres(search)).toThrow(
    `the cluster in ${stageDir} was made by Postgres 18, and no Postgres 18 is here (found: 15). Install the package ` +
      "postgresql-18, or restore a backup into another folder and name that with --data.",
  );
  const empty = { stageDir, systemRoot: join(systemRoot, "none"), packaged: undefined };
  expect(() => findPostgres(empty)).toThrow(/Install the package postgresql, or set DATABASE_URL/);
});

test("a data folder serves one hub: the second is told who holds it, and the folder serves again afterwards", async () => {
  const dir = scratchDir("alone");
  const first = await startPostgres({ dir });
  const refusal = await startPostgres({ dir }).catch((error: unknown) => error);
  expect(String(refusal)).toMatch(
    /another hub runs on the data folder .*: its Postgres is process \d+\. Stop that hub/,
  );
  await first.stop();
  const again = await startPostgres({ dir });
  expect(again.origin).toMatch(/^(embedded|staged) \d+|postgresql/);
  await again.stop();
}, 60_000);

test("a server that was killed is started again at once, though its processes are still ending", async () => {
  const dir = scratchDir("killed");
  const first = await startPostgres({ dir });
  const sql = postgres(first.url, { max: 4, onnotice: () => undefined });
  await Promise.all(Array.from({ length: 4 }, () => sql`select 1`));
  process.kill(Number.parseInt(readFileSync(join(first.dir, "cluster", "postmaster.pid"), "utf8"), 10), "SIGKILL");
  await first.exited;
  const again = await startPostgres({ dir });
  await sql.end({ timeout: 0 });
  await again.stop();
}, 60_000);

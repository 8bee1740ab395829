import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase, type DatabaseConnection, migrate } from "@watchpost/db";
import { startPostgres, startVictoriaMetrics } from "@watchpost/db/embedded";
import postgres from "postgres";
import { type Containers, startContainers } from "./containers.ts";

/** Servers that all tests of one process share; each test gets a database of its own inside them. */
interface SharedServers {
  postgresUrl?: Promise<string>;
  victoriaMetricsUrl?: Promise<string>;
  containers?: Promise<Containers | undefined>;
  databases: number;
  /** Undone when the tests end (see teardown.ts); servers also carry a parent-death signal. */
  cleanup: (() => void | Promise<void>)[];
}

const KEY = Symbol.for("watchpost.test.servers");
const globals = globalThis as { [KEY]?: SharedServers };
const TEMPLATE = "watchpost_template";

function servers(): SharedServers {
  globals[KEY] ??= { databases: 0, cleanup: [] };
  return globals[KEY];
}

export interface TestDatabase extends DatabaseConnection {
  url: string;
}

/** A migrated, empty Postgres database of the test's own, on a real server. Close it in afterAll. */
export async function testDatabase(): Promise<TestDatabase> {
  const shared = servers();
  shared.postgresUrl ??= startSharedPostgres();
  const base = new URL(await shared.postgresUrl);
  shared.databases += 1;
  const name = `test_${process.pid}_${shared.databases}`;
  const admin = postgres(at(base, "postgres"), { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${name} template ${TEMPLATE}`);
  await admin.end();
  const url = at(base, name);
  return { url, ...connectDatabase(url, { connectionsMax: 5 }) };
}

/** URL of a real VictoriaMetrics. Tests share it: label what you write with a site name of your own. */
export function testVictoriaMetrics(): Promise<string> {
  const shared = servers();
  shared.victoriaMetricsUrl ??= startSharedVictoriaMetrics();
  return shared.victoriaMetricsUrl;
}

async function startSharedPostgres(): Promise<string> {
  const containers = await sharedContainers();
  const url = containers?.postgresUrl ?? (await startLocalPostgres());
  const base = new URL(url);
  const admin = postgres(at(base, "postgres"), { max: 1, onnotice: () => undefined });
  await admin.unsafe(`drop database if exists ${TEMPLATE}`);
  await admin.unsafe(`create database ${TEMPLATE}`);
  await admin.end();
  await migrate(at(base, TEMPLATE));
  return url;
}

function sharedContainers(): Promise<Containers | undefined> {
  const shared = servers();
  shared.containers ??= startContainers().then((containers) => {
    if (containers) shared.cleanup.push(() => containers.stop());
    return containers;
  });
  return shared.containers;
}

async function startLocalPostgres(): Promise<string> {
  const dir = scratchDir("postgres");
  const server = await startPostgres({ dir, settings: ["fsync=off", "synchronous_commit=off", "max_connections=200"] });
  servers().cleanup.push(() => server.stop());
  return server.url;
}

async function startSharedVictoriaMetrics(): Promise<string> {
  const containers = await sharedContainers();
  if (containers?.victoriaMetricsUrl) return containers.victoriaMetricsUrl;
  const dir = scratchDir("victoria-metrics");
  const server = await startVictoriaMetrics({ dir });
  if (server.kind === "missing")
    throw new Error(`tests need VictoriaMetrics: ${server.reason} \`npm test\` installs it.`);
  servers().cleanup.push(() => server.stop());
  return server.url;
}

function at(base: URL, database: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  return url.href;
}

/** A folder that any account may enter, removed when the tests end. */
export function scratchDir(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `watchpost-test-${name}-`));
  chmodSync(dir, 0o755);
  servers().cleanup.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Stops the servers and removes the folders, newest first. */
export async function stopSharedServers(): Promise<void> {
  for (const undo of servers().cleanup.splice(0).toReversed()) await undo();
}

import { connectDatabase, type DatabaseConnection, migrate } from "@watchpost/db";
import { startPostgres, startVictoriaMetrics } from "@watchpost/db/embedded";
import postgres from "postgres";
import { type Containers, startContainers } from "./containers.ts";
import { onEnd, scratchDir, shared } from "./shared.ts";

const TEMPLATE = "watchpost_template";

export interface TestDatabase extends DatabaseConnection {
  url: string;
}

/** A migrated, empty Postgres database of the test's own, on a real server. Close it in afterAll. */
export async function testDatabase(): Promise<TestDatabase> {
  const servers = shared();
  servers.postgresUrl ??= startSharedPostgres();
  const base = new URL(await servers.postgresUrl);
  servers.databases += 1;
  const name = `test_${process.pid}_${servers.databases}`;
  const admin = postgres(at(base, "postgres"), { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${name} template ${TEMPLATE}`);
  await admin.end();
  const url = at(base, name);
  return { url, ...connectDatabase(url, { connectionsMax: 5 }) };
}

/** URL of a real VictoriaMetrics. Tests share it: label what you write with a site name of your own. */
export function testVictoriaMetrics(): Promise<string> {
  const servers = shared();
  servers.victoriaMetricsUrl ??= startSharedVictoriaMetrics();
  return servers.victoriaMetricsUrl;
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
  const servers = shared();
  servers.containers ??= startContainers().then((containers) => {
    if (containers) onEnd(() => containers.stop());
    return containers;
  });
  return servers.containers;
}

async function startLocalPostgres(): Promise<string> {
  const dir = scratchDir("postgres");
  const server = await startPostgres({ dir, settings: ["fsync=off", "synchronous_commit=off", "max_connections=200"] });
  onEnd(() => server.stop());
  return server.url;
}

async function startSharedVictoriaMetrics(): Promise<string> {
  const containers = await sharedContainers();
  if (containers?.victoriaMetricsUrl) return containers.victoriaMetricsUrl;
  const dir = scratchDir("victoria-metrics");
  const server = await startVictoriaMetrics({ dir });
  if (server.kind === "missing")
    throw new Error(`tests need VictoriaMetrics: ${server.reason} \`npm test\` installs it.`);
  onEnd(() => server.stop());
  return server.url;
}

function at(base: URL, database: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  return url.href;
}

import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { VARIABLES } from "../config/index.ts";
import { scratchDir, testDatabase, type TestDatabase, testVictoriaMetrics } from "../../packaging/parts/index.ts";

const main = join(import.meta.dir, "..", "main.ts");
const START_DEADLINE_MS = 30_000;

interface Started {
  process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  ready: Record<string, string>;
}

let database: TestDatabase;
let vmUrl: string;
beforeAll(async () => {
  [database, vmUrl] = await Promise.all([testDatabase(), testVictoriaMetrics()]);
}, 60_000);
afterAll(() => database.close());

function spawn(args: string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env["PATH"] ?? "", DATABASE_URL: database.url, VM_URL: vmUrl, ...environment };
  return Bun.spawn([process.execPath, main, ...args], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
}

const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

async function run(args: string[], environment: Record<string, string> = {}) {
  const child = spawn(args, environment);
  const [out, err, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited]);
  return { out: out.trim(), err, code };
}

async function serve(dataDir: string, environment: Record<string, string> = {}): Promise<Started> {
  const child = spawn(["serve", "--json", "--data", dataDir], environment);
  const reader = child.stdout.getReader();
  const first = await Promise.race([reader.read(), Bun.sleep(START_DEADLINE_MS)]);
  if (!first?.value) throw new Error(`the hub did not start: ${await textOf(child.stderr)}`);
  return { process: child, ready: JSON.parse(new TextDecoder().decode(first.value)) };
}

test("serve tells in one line where it is, its commands find it, and SIGTERM twice ends it with 0", async () => {
  const dir = scratchDir("serve");
  const { process: hub, ready } = await serve(dir);
  expect(Object.keys(ready)).toEqual(
    expect.arrayContaining(["url", "signInUrl", "apiToken", "grpc", "link", "gateway", "vmUrl", "databaseUrl", "pid"]),
  );
  const token = await run(["token", "create", "--site", "harbor", "--data", dir, "--json"]);
  expect(JSON.parse(token.out)).toMatchObject({ site: "harbor", address: ready["grpc"] });
  const link = await run(["sign-in-link", "--data", dir]);
  expect(link.out).toStartWith(`${ready["url"]}/sign-in?token=`);
  expect((await fetch(link.out)).status).toBe(200);
  hub.kill("SIGTERM");
  hub.kill("SIGTERM");
  expect(await hub.exited).toBe(0);
  expect(await textOf(hub.stderr)).toContain("hub has stopped");
  expect(existsSync(join(dir, "hub", "running.json"))).toBe(false);
}, 60_000);

test("a second start keeps its keys and ports, and the API token of the first is no good any more", async () => {
  const dir = scratchDir("again");
  const first = await serve(dir);
  const authority = readFileSync(join(dir, "hub", "ca", "authority.pem"), "utf8");
  first.process.kill("SIGTERM");
  await first.process.exited;
  const second = await serve(dir);
  expect([second.ready["link"], second.ready["gateway"]]).toEqual([first.ready["link"]!, first.ready["gateway"]!]);
  expect(readFileSync(join(dir, "hub", "ca", "authority.pem"), "utf8")).toBe(authority);
  const ask = (token: string) =>
    fetch(`${second.ready["url"]}/api/v1/devices`, { headers: { authorization: `Bearer ${token}` } });
  expect((await ask(first.ready["apiToken"]!)).status).toBe(401);
  second.process.kill("SIGTERM");
  expect(await second.process.exited).toBe(0);
}, 60_000);

test("a port in use is one clear sentence, and nothing is left running", async () => {
  const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const port = String(taken.port);
  for (const [variable, name] of [
    ["WATCHPOST_HTTP_PORT", "pages and REST API"],
    ["WATCHPOST_GRPC_PORT", "gRPC for enrolment"],
    ["WATCHPOST_LINK_PORT", "gRPC for collectors"],
    ["WATCHPOST_GATEWAY_PORT", "remote-write gateway"],
  ] as const) {
    const { err, code } = await run(["serve", "--data", scratchDir("taken")], { [variable]: port });
    expect(code).toBe(1);
    expect(err).toContain(name);
    expect(err.trim().split("\n").at(-1)).toEndWith(
      `cannot listen on 127.0.0.1:${port}: EADDRINUSE. Free the port or choose another.`,
    );
  }
  await taken.stop(true);
}, 120_000);

test("a folder that cannot be written and a database that does not answer are one sentence each", async () => {
  const folder = await run(["serve", "--data", "/proc/nowhere"]);
  expect(folder).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^the data folder .* cannot be written .*--data\.\n$/),
  });
  const gone = await run(["serve", "--data", scratchDir("gone")], {
    DATABASE_URL: "postgres://u:secret@127.0.0.1:1/x",
  });
  expect(gone.code).toBe(1);
  expect(gone.err).toMatch(/Postgres 127.0.0.1:1\/x cannot be used: .*ECONNREFUSED.*Check DATABASE_URL/);
  expect(gone.err).not.toContain("secret");
}, 60_000);

test("a wrong call ends with 2, a failure with 1, help and version with 0", async () => {
  const unknown = await run(["serve", "--http-prot", "1"]);
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("Did you mean --http-port?") });
  expect(await run(["token", "create"])).toMatchObject({ code: 2 });
  const typo = await run(["serve"], { WATCHPOST_HTTP_PROT: "1" });
  expect(typo).toMatchObject({ code: 2, err: expect.stringContaining("Did you mean WATCHPOST_HTTP_PORT?") });
  const none = await run(["sign-in-link", "--data", scratchDir("none"), "--email", "nobody@x"]);
  expect(none.code).toBe(1);
  expect(await run(["--version"])).toMatchObject({ code: 0 });
  const help = (await run(["serve", "--help"])).out;
  for (const variable of Object.values(VARIABLES)) expect(help).toMatch(new RegExp(`\\b${variable}\\b`));
  expect(help).toContain("Default: 127.0.0.1.");
}, 60_000);

test("a second hub on a data folder with its own Postgres is told who has it, and leaves nothing behind", async () => {
  const dir = scratchDir("two");
  const own = { DATABASE_URL: "" };
  const first = await serve(dir, own);
  const second = await run(["serve", "--data", dir], own);
  expect(second.code).toBe(1);
  expect(second.err.trim().split("\n").at(-1)).toMatch(
    /^another hub runs on the data folder .*: its Postgres is process \d+\. Stop that hub, or .*--data\.$/,
  );
  expect((await fetch(`${first.ready["url"]}/healthz`)).status).toBe(200);
  first.process.kill("SIGTERM");
  expect(await first.process.exited).toBe(0);
}, 90_000);

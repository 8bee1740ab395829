import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchDir } from "../parts/index.ts";
import { LabClient } from "./index.ts";

const CLI = join(import.meta.dir, "cli.ts");
const data = scratchDir("lab-cli");

interface Ended {
  code: number;
  out: string;
  err: string;
}

async function lab(...args: string[]): Promise<Ended> {
  const child = Bun.spawn([process.execPath, CLI, ...args], { stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

const inLab = (...args: string[]) => lab(...args, "--data", data);

/** Starts a command that runs until it is stopped, and reads its first line. */
async function start(...args: string[]) {
  const child = Bun.spawn([process.execPath, CLI, ...args], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  const reader = child.stdout.getReader();
  const first = await reader.read();
  reader.releaseLock();
  return { child, line: new TextDecoder().decode(first.value) };
}

describe("with a lab running", () => {
  let child: Bun.Subprocess;
  beforeAll(async () => {
    const started = await start("run", "--json", "--data", data);
    child = started.child;
    expect(JSON.parse(started.line)).toMatchObject({ pid: child.pid });
  });
  afterAll(async () => {
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect(existsSync(join(data, "lab", "control.json"))).toBe(false);
  });

  test("lists its devices and the faults it knows", async () => {
    const devices = JSON.parse((await inLab("devices", "--json")).out);
    expect(devices[0]).toMatchObject({ name: "core-sw1", address: "127.1.0.1", role: "core" });
    expect((await inLab("devices")).out).toContain("ups1");
    expect((await inLab("fault", "list")).out).toContain("link-down         core-sw1 Te1/1");
  });

  test("puts a fault on and off by name", async () => {
    const injected = await inLab("fault", "inject", "link-down", "--json");
    expect(JSON.parse(injected.out)).toMatchObject({ name: "link-down", device: "core-sw1", interface: "Te1/1" });
    const listed = JSON.parse((await inLab("fault", "list", "--json")).out);
    expect(listed.active).toHaveLength(1);
    expect((await inLab("fault", "clear", "link-down")).out).toContain("cleared link-down-1");
    expect(await inLab("fault", "clear", "--all")).toMatchObject({ code: 0, out: "no fault was on\n" });
  });

  test("a name that is not there ends with 2 and says what is there", async () => {
    expect(await inLab("fault", "inject", "meteor")).toMatchObject({
      code: 2,
      err: expect.stringContaining('no fault "meteor"; known: device-down'),
    });
    expect(await inLab("fault", "inject", "cpu-high", "--device", "sw99")).toMatchObject({
      code: 2,
      err: expect.stringContaining('no device "sw99"; known: core-sw1'),
    });
    expect((await inLab("fault", "clear", "cpu-high")).code).toBe(1);
    expect((await inLab("fault", "clear", "cpu-high", "--all")).code).toBe(2);
  });

  test("its control file is private, and its server wants the token", async () => {
    const path = join(data, "lab", "control.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { url } = await Bun.file(path).json();
    expect((await fetch(new URL("devices", url))).status).toBe(401);
    expect((await fetch(new URL("devices", url), { headers: { authorization: "Bearer guess" } })).status).toBe(401);
  });

  test("a second lab in its folder is refused", async () => {
    const second = await inLab("run");
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining("already; stop it first") });
  });

  test("another process reads the collector's configuration and sets the uplink's targets", async () => {
    const client = LabClient.connect(join(data, "lab"));
    const config = await client.siteConfig();
    expect(config.devices).toHaveLength(26);
    const ports = await client.setUplinkTargets({ link: "127.0.0.1:9" });
    expect(config.uplinkProxy.link).toBe(`127.0.0.1:${ports.link}`);
    const wrong = client.setUplinkTargets({ link: "nowhere" });
    const refusal: unknown = await wrong.catch((error: unknown) => error);
    expect(String(refusal)).toContain('uplink target "nowhere" for link is not host:port');
  });
});

test("without a lab it says so, and how to start one", async () => {
  const none = await lab("fault", "list", "--data", scratchDir("lab-none"));
  expect(none.code).toBe(1);
  expect(none.err).toMatch(/no lab runs in .*start it with `npm start`/);
});

test("a wrong option ends with 2, --help with 0", async () => {
  expect((await lab("run", "--port", "many")).code).toBe(2);
  expect((await lab("fault", "inject")).code).toBe(2);
  expect((await lab("conjure")).code).toBe(2);
  expect(await lab("--help")).toMatchObject({ code: 0, out: expect.stringContaining("serve") });
});

test("a port in use is one clear sentence and nothing stays behind", async () => {
  const taken = await Bun.udpSocket({ hostname: "127.1.0.3", port: 0 });
  const dir = scratchDir("lab-taken");
  const refused = await lab("run", "--port", String(taken.port), "--data", dir);
  expect(refused).toMatchObject({ code: 1, err: `lab: UDP 127.1.0.3:${taken.port} is taken by another process\n` });
  expect(existsSync(join(dir, "lab", "control.json"))).toBe(false);
  taken.close();
});

test("run ends with its parent's pipe when asked to", async () => {
  const { child } = await start("run", "--json", "--exit-with-stdin", "--data", scratchDir("lab-stdin"));
  await child.stdin.end();
  expect(await child.exited).toBe(0);
});

test("serve names each recording's address and counts malformed lines", async () => {
  const file = join(scratchDir("lab-cli-serve"), "box.snmprec");
  writeFileSync(file, "1.3.6.1.2.1.1.5.0|4|box\nrubbish\n");
  const { child, line } = await start("serve", file, "--json");
  const { devices } = JSON.parse(line);
  expect(devices).toMatchObject([{ name: "box", address: "127.2.0.1", objects: 1, malformed: { count: 1 } }]);
  child.kill("SIGINT");
  expect(await child.exited).toBe(0);
  expect(await lab("serve", join(data, "absent.snmprec"))).toMatchObject({
    code: 1,
    err: expect.stringContaining("absent.snmprec"),
  });
});

import { afterEach, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startLab } from "../../packaging/lab/index.ts";
import { scratchDir } from "../../packaging/parts/index.ts";
import { configJsonSchema } from "../config/index.ts";
import { main } from "./index.ts";

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function collector(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line), env: {} });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

function configFile(text: string): string {
  const file = join(scratchDir("cli"), "collector.yaml");
  writeFileSync(file, text);
  return file;
}

async function labConfig() {
  const dir = scratchDir("cli-lab");
  const lab = await startLab({ dir: join(dir, "lab"), seed: 3 });
  opened.push(() => lab.stop());
  const { credentials, devices } = lab.siteConfig();
  const poll = { intervalMs: 1_000, timeoutMs: 300, retries: 0 };
  const config = { name: "edge1", dataDir: join(dir, "state"), status: { port: 0 }, credentials, devices, poll };
  return { lab, devices, file: configFile(JSON.stringify(config)) };
}

test("help, version and schema answer with 0; nonsense with 2 and what there is", async () => {
  const help = await collector("--help");
  expect([help.code, help.out]).toEqual([0, expect.stringContaining("check-config")]);
  expect(await collector("--version")).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  const schema = await collector("schema");
  expect(JSON.parse(schema.out)).toEqual(JSON.parse(configJsonSchema()));
  expect(await collector("dance")).toMatchObject({ code: 2, err: expect.stringContaining("unknown command 'dance'") });
  expect(await collector("run")).toMatchObject({ code: 2, err: expect.stringContaining("--config <file>") });
  const port = await collector("once", "--device", "127.0.0.1", "--port", "99999");
  expect(port).toMatchObject({ code: 2, err: expect.stringContaining("whole number from 1 to 65535") });
});

test("check-config says what is wrong, for a person and for a program", async () => {
  const bad = configFile("name: edge1\ndevises: []\n");
  const said = 'expected a known key, found "devises". Did you mean "devices"?';
  expect(await collector("check-config", bad)).toEqual({ code: 1, out: "", err: `${bad}:2:1: devises: ${said}` });
  const json = await collector("check-config", bad, "--json");
  expect([json.code, JSON.parse(json.out)]).toMatchObject([
    1,
    { ok: false, problems: [{ line: 2, column: 1, path: "devises" }] },
  ]);
  const good = configFile("name: edge1\n");
  expect(await collector("check-config", good)).toMatchObject({ code: 0, err: "" });
  expect(await collector("check-config", "/does/not/exist")).toMatchObject({ code: 2 });
});

test("once prints a device of the configuration as a table, by name or by address", async () => {
  const { file, devices } = await labConfig();
  const byName = await collector("once", "--config", file, "--device", "core-sw1");
  expect(byName.code).toBe(0);
  expect(byName.out).toMatch(/^core-sw1: core-sw1, .* up /);
  expect(byName.out).toMatch(/Te1\/1 +up +up/);
  expect(byName.out).toMatch(/Neighbours \(\d+\)/);
  const address = devices.find((device) => device.name === "srv1")?.address ?? "";
  const byAddress = await collector("once", "--config", file, "--device", address, "--explain");
  expect(byAddress).toMatchObject({ code: 0, err: expect.stringContaining("is read by profile") });
});

test("once prints JSON with exact counters, without a configuration too", async () => {
  const { lab, devices } = await labConfig();
  const device = devices.find((d) => d.credential === "lab-v2c");
  const credential = lab.siteConfig().credentials.find((c) => c.name === "lab-v2c");
  if (!device || credential?.version !== "v2c") throw new Error("the lab has no SNMPv2c device");
  const args = ["--device", device.address, "--port", String(device.port), "--community", credential.community];
  const { code, out } = await collector("once", ...args, "--json");
  const said = JSON.parse(out) as {
    reading: { interfaces: { counters: { raw: unknown }[] }[] };
    samples: { name: string }[];
  };
  expect(code).toBe(0);
  expect(said.reading.interfaces[0]?.counters[0]?.raw).toMatch(/^\d+$/);
  expect(said.samples.map((s) => s.name)).toContain("device_up");
});

test("once says why a device does not answer, and what to try", async () => {
  const { lab, file } = await labConfig();
  lab.inject("device-down", { device: "ap1" });
  const dead = await collector("once", "--config", file, "--device", "ap1", "--explain");
  expect(dead).toMatchObject({ code: 1, out: "" });
  expect(dead.err).toContain("device ap1");
  expect(dead.err).toContain("asked 127.");
  expect(await collector("once", "--config", file, "--device", "ap99")).toMatchObject({
    code: 2,
    err: expect.stringContaining("no device ap99"),
  });
  expect(await collector("once", "--device", "ap1", "--community", "x")).toMatchObject({
    code: 2,
    err: expect.stringContaining("no IP address"),
  });
  expect(await collector("once", "--device", "127.0.0.1")).toMatchObject({
    code: 2,
    err: expect.stringContaining("--community"),
  });
});

test("run serves its status page and stops cleanly within five seconds of SIGTERM", async () => {
  const { file } = await labConfig();
  const main = join(import.meta.dir, "..", "main.ts");
  const child = Bun.spawn([process.execPath, main, "run", "--config", file], {
    stdout: "pipe",
    stderr: "pipe",
    env: { PATH: "" },
  });
  opened.push(() => child.kill("SIGKILL"));
  let log = "";
  let url: string | undefined;
  for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
    log += chunk;
    url = /"status":"([^"]+)"/.exec(log)?.[1];
    if (url !== undefined) break;
  }
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  const startedMs = performance.now();
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(await new Response(child.stdout).text()).toBe("");
}, 20_000);

test("run names a bad configuration and a bad token in one sentence each, and exits with 1", async () => {
  expect(await collector("run", "--config", configFile("name: 7\n"))).toMatchObject({
    code: 1,
    err: expect.stringContaining("expected text, found 7"),
  });
  const dir = scratchDir("cli-token");
  writeFileSync(join(dir, "token"), "not-a-token\n");
  const file = configFile(
    `name: edge1\ndataDir: ${join(dir, "state")}\ntokenFile: ${join(dir, "token")}\nstatus: { port: 0 }\n`,
  );
  expect(await collector("run", "--config", file)).toMatchObject({
    code: 1,
    err: expect.stringContaining(
      "collector did not start (enrolment): the enrolment token (11 characters) is not whole",
    ),
  });
});

test("discover prints devices and cables for a person and for a program, and keeps within what the file allows", async () => {
  const { file, devices } = await labConfig();
  const port = String(devices[0]?.port);
  const common = ["--config", file, "--port", port, "--timeout-ms", "300", "--packets-per-second", "2000"];
  const said = await collector("discover", "--cidr", "127.1.0.1", "127.1.0.3", ...common);
  expect(said.code).toBe(0);
  expect(said.out).toContain("scan finished: 2 devices");
  expect(said.out).toMatch(/core-sw1 +127\.1\.0\.1 .*core-v3/);
  const json = await collector("discover", "--cidr", "127.1.0.1-127.1.0.2", ...common, "--json");
  expect(JSON.parse(json.out)).toMatchObject({
    state: "finished",
    devices: [{ sysName: "core-sw1", credential: "core-v3" }, { sysName: "core-sw2" }],
    links: expect.arrayContaining([expect.objectContaining({ confidence: "high", protocols: ["cdp", "lldp"] })]),
  });
  const bound = configFile(JSON.stringify({ name: "edge1", discover: { allow: ["127.1.0.0/30"] } }));
  const outside = await collector("discover", "--config", bound, "--cidr", "127.1.0.0/27");
  expect(outside).toMatchObject({ code: 2, out: "", err: expect.stringContaining("127.1.0.0/30") });
  expect(await collector("discover", "--cidr", "127.1.0.1")).toMatchObject({ code: 2 });
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@watchpost/db/embedded";
import { stringify } from "yaml";
import { COMMUNITY, type Snmpd, startSnmpd } from "../../collector/device/snmp/snmpd.fixture.ts";
import { scratchDir } from "../parts/index.ts";
import { type Stack, startStack, until } from "./stack.ts";

const root = join(import.meta.dir, "..", "..");
const IF_NAME = "1.3.6.1.2.1.31.1.1.1.1";
const METRICS = { if_in_octets_total: "1.3.6.1.2.1.31.1.1.1.6", if_out_octets_total: "1.3.6.1.2.1.31.1.1.1.10" };

let stack: Stack;
let agent: Snmpd;
let out: string;

beforeAll(async () => {
  out = scratchDir("dist");
  const built = Bun.spawnSync([process.execPath, join(root, "packaging/setup/build.ts"), "--out", out]);
  expect(built.stderr.toString()).toBe("");
  [stack, agent] = await Promise.all([startStack({ args: ["--no-lab"] }), startSnmpd()]);
}, 150_000);

afterAll(async () => {
  await agent.stop();
  await stack.stop();
}, 60_000);

test("both binaries say what they are", () => {
  for (const name of ["collector", "hub"]) {
    const said = Bun.spawnSync([join(out, name), "--help"]);
    expect(said.exitCode).toBe(0);
    expect(said.stdout.toString()).toContain(`Usage: ${name}`);
  }
});

test("no binary carries the engine of the tests", () => {
  for (const name of ["collector", "hub"]) expect(readFileSync(join(out, name)).includes("llama-addon")).toBe(false);
});

test("the compiled collector enrols, polls a real agent, and the store holds what snmpget says", async () => {
  const before = Object.values(METRICS).map(countersByAgent);
  const collector = await startCompiled();
  try {
    for (const [i, [metric, oid]] of Object.entries(METRICS).entries()) {
      const stored = await until(`${metric} of the real agent`, 30_000, () => newest(metric));
      const after = countersByAgent(oid);
      expect([...stored.keys()].toSorted()).toEqual([...after.keys()].toSorted());
      for (const [name, value] of stored) {
        expect(value).toBeGreaterThanOrEqual(Number(before[i]?.get(name)));
        expect(value).toBeLessThanOrEqual(Number(after.get(name)));
      }
    }
    const atRest = await until("an interface at rest", 30_000, async () => {
      const first = countersByAgent(METRICS.if_in_octets_total);
      const stored = await newest("if_in_octets_total");
      const second = countersByAgent(METRICS.if_in_octets_total);
      return [...first].find(([name, value]) => second.get(name) === value && stored?.get(name) === Number(value));
    });
    expect(atRest).toHaveLength(2);
  } finally {
    collector.kill("SIGTERM");
    expect(await collector.exited).toBe(0);
  }
}, 90_000);

async function startCompiled() {
  const dir = scratchDir("compiled");
  const config = join(dir, "collector.yaml");
  const device = { name: "real-agent", address: "127.0.0.1", port: agent.port, credential: "ro" };
  writeFileSync(
    config,
    stringify({
      name: "compiled-1",
      dataDir: dir,
      status: { port: await freePort() },
      poll: { intervalMs: 1_000 },
      credentials: [{ name: "ro", version: "v2c", community: COMMUNITY }],
      devices: [device],
    }),
  );
  const answer = await stack.api("/api/v1/enrollment-tokens", { method: "POST", body: { site: "compiled-site" } });
  const { token } = (await answer.json()) as { token: string };
  return Bun.spawn([join(out, "collector"), "run", "--config", config], {
    env: { ...process.env, WATCHPOST_TOKEN: token },
    stdout: "ignore",
    stderr: Bun.file(join(dir, "collector.log")),
  });
}

/** The newest stored value of each interface, or undefined while there is none. */
async function newest(metric: string): Promise<Map<string, number> | undefined> {
  const query = `last_over_time(${metric}{site="compiled-site"}[30s])`;
  const answer = await fetch(`${stack.vmUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  const body = (await answer.json()) as {
    data: { result: { metric: { interface: string }; value: [number, string] }[] };
  };
  if (body.data.result.length === 0) return undefined;
  return new Map(body.data.result.map((series) => [series.metric.interface, Number(series.value[1])]));
}

/** What the agent's own tools say now, by interface name. */
function countersByAgent(column: string): Map<string, bigint> {
  const names = new Map(
    snmp("snmpbulkwalk", IF_NAME).map(([oid, name]) => [oid.split(".").at(-1), name.replaceAll('"', "")]),
  );
  return new Map(
    [...names].map(([index, name]) => [name, BigInt(snmp("snmpget", `${column}.${index}`)[0]?.[1] ?? "0")]),
  );
}

function snmp(command: string, oid: string): [oid: string, value: string][] {
  const said = Bun.spawnSync([command, "-v2c", "-c", COMMUNITY, "-On", "-Oq", `127.0.0.1:${agent.port}`, oid], {
    env: { ...process.env, MIBS: "" },
  });
  const lines = said.stdout.toString().trim().split("\n");
  return lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
}

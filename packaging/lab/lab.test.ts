import { afterAll, beforeAll, expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configSchema } from "@watchpost/collector/config/schema.ts";
import { scratchDir } from "../parts/index.ts";
import { type Lab, startLab } from "./index.ts";
import { ask } from "./probe/index.ts";
import { PLANNED_LINKS } from "./topology/index.ts";

const SYS_NAME = "1.3.6.1.2.1.1.5.0";
const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IFX_ENTRY = "1.3.6.1.2.1.31.1.1.1";
const LLDP_REMOTE = "1.0.8802.1.1.2.1.4.1.1";
const LLDP_LOCAL_PORT = "1.0.8802.1.1.2.1.3.7.1.3";

const dir = scratchDir("lab");
let nowMs = Date.now();
let aheadMs = 0;
let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ dir, clock: () => nowMs });
});
afterAll(() => lab.stop());

test("every device answers under its own credential", async () => {
  expect(lab.devices.length).toBeGreaterThanOrEqual(24);
  expect(new Set(lab.devices.map((device) => device.role)).size).toBe(8);
  for (const { name } of lab.devices) {
    const answer = await ask("snmpget", lab.siteConfig(), name, SYS_NAME);
    expect([name, answer.get(SYS_NAME)]).toEqual([name, name]);
  }
});

test("its site configuration is what a collector takes", () => {
  const { poll, credentials, devices, rules, uplinkProxy, ...rest } = lab.siteConfig();
  expect(rest).toEqual({});
  const parsed = configSchema.safeParse({ name: "c1", poll, credentials, devices, rules, uplinkProxy });
  expect(parsed.error?.issues ?? []).toEqual([]);
});

test("a whole walk of each kind of device is in order and complete", async () => {
  const { siteConfig, site } = lab;
  for (const name of ["core-sw1", "fw1", "rtr1", "dist-sw1", "acc-sw7", "ap1", "ups1", "srv1"]) {
    const walked = await ask(name === "ups1" ? "snmpwalk" : "snmpbulkwalk", siteConfig(), name, ".1");
    expect(walked.size).toBeGreaterThan(60);
    const ports = [...walked.keys()].filter((oid) => oid.startsWith(`${IF_ENTRY}.2.`));
    expect(ports).toHaveLength(site.devices.get(name)?.ports.length ?? -1);
  }
});

test("LLDP neighbours name each other at both ends, with the port numbers of the local tables", async () => {
  const heard = new Map<string, string>();
  for (const { name } of lab.devices) {
    const tool = name === "ups1" ? "snmpwalk" : "snmpbulkwalk";
    const ports = await ask(tool, lab.siteConfig(), name, LLDP_LOCAL_PORT);
    const remote = await ask(tool, lab.siteConfig(), name, LLDP_REMOTE);
    for (const [oid, system] of remote) {
      const [column, timeMark, local, index] = oid.slice(LLDP_REMOTE.length + 1).split(".");
      if (column !== "9") continue;
      const remotePort = remote.get(`${LLDP_REMOTE}.7.${timeMark}.${local}.${index}`);
      heard.set(`${name} ${ports.get(`${LLDP_LOCAL_PORT}.${local}`)}`, `${system} ${remotePort}`);
    }
  }
  expect(heard.get("core-sw1 Te1/1")).toBe("fw1 port1");
  expect(heard.get("acc-sw1 Te1/2")).toBe("dist-sw2 Te1/3");
  expect(heard.size).toBe(2 * PLANNED_LINKS.length);
  for (const [here, there] of heard) expect([there, heard.get(there)]).toEqual([there, here]);
});

/** Octets at both ends of the link between core-sw1 Te1/1 and fw1 port1. */
async function counted() {
  const core = await ask("snmpget", lab.siteConfig(), "core-sw1", `${IFX_ENTRY}.6.1`, `${IFX_ENTRY}.10.1`);
  const fw = await ask("snmpget", lab.siteConfig(), "fw1", `${IFX_ENTRY}.6.3`, `${IFX_ENTRY}.10.3`, `${IF_ENTRY}.10.3`);
  return {
    coreIn: BigInt(core.get(`${IFX_ENTRY}.6.1`) ?? -1),
    coreOut: BigInt(core.get(`${IFX_ENTRY}.10.1`) ?? -1),
    fwIn: BigInt(fw.get(`${IFX_ENTRY}.6.3`) ?? -1),
    fwOut: BigInt(fw.get(`${IFX_ENTRY}.10.3`) ?? -1),
    fwIn32: BigInt(fw.get(`${IF_ENTRY}.10.3`) ?? -1),
  };
}

function close(a: bigint, b: bigint): boolean {
  return a - b >= -2n && a - b <= 2n;
}

test("both ends of a link count the same traffic, in 32 and in 64 bits", async () => {
  const before = await counted();
  nowMs += 60_000;
  const after = await counted();
  expect(after.coreOut).toBeGreaterThan(before.coreOut);
  expect(close(after.coreOut - before.coreOut, after.fwIn - before.fwIn)).toBe(true);
  expect(close(after.fwOut - before.fwOut, after.coreIn - before.coreIn)).toBe(true);
  expect(after.fwIn32).toBe(after.fwIn % 2n ** 32n);
});

async function serialsOf(seed: number): Promise<string[]> {
  const other = await startLab({ dir: scratchDir(`lab-seed-${seed}`), seed, clock: () => nowMs });
  const serials = [...other.site.devices.values()].map((device) => device.serial);
  await other.stop();
  return serials;
}

test("a switch has learnt who is behind each port that is up", async () => {
  const learnt = await ask("snmpbulkwalk", lab.siteConfig(), "acc-sw1", "1.3.6.1.2.1.17.4.3.1.2");
  const ports = lab.site.devices.get("acc-sw1")?.ports ?? [];
  const up = ports.flatMap((port, at) => (port.operUp ? [String(at + 1)] : []));
  expect([...learnt.values()].toSorted()).toEqual(up.toSorted());
  expect(up.length).toBeGreaterThan(5);
});

test("one seed makes one site, another seed another", async () => {
  expect(await serialsOf(5)).toEqual(await serialsOf(5));
  expect(await serialsOf(5)).not.toEqual(await serialsOf(6));
});

test("a lab started again in its folder keeps ports, passwords, uptimes and counters; another folder has its own", async () => {
  const kept = scratchDir("lab-kept");
  const first = await startLab({ dir: kept, clock: () => nowMs });
  const config = first.siteConfig();
  const device = first.site.devices.get("dist-sw1");
  const seen = [device?.uptimeTicks(nowMs), device?.port("Te1/1")?.octets("in", nowMs)];
  await first.stop();
  expect(statSync(join(kept, "site.json")).mode & 0o777).toBe(0o600);

  const second = await startLab({ dir: kept, clock: () => nowMs });
  const again = second.site.devices.get("dist-sw1");
  expect(second.siteConfig()).toEqual(config);
  expect([again?.uptimeTicks(nowMs), again?.port("Te1/1")?.octets("in", nowMs)]).toEqual(seen);
  await second.stop();
  expect(lab.siteConfig().credentials).not.toEqual(config.credentials);
});

test("a folder whose site file is none is an error that names the file", async () => {
  const broken = scratchDir("lab-broken");
  writeFileSync(join(broken, "site.json"), "{");
  const refusal: unknown = await startLab({ dir: broken }).catch((error: unknown) => error);
  expect(String(refusal)).toContain(`${join(broken, "site.json")} is not a lab site`);
});

test("ten years of uptime still make a MIB", async () => {
  const old = await startLab({ dir: scratchDir("lab-old"), clock: () => nowMs + aheadMs });
  aheadMs = 10 * 365 * 86_400_000;
  old.inject("link-down", { device: "ap1" });
  old.clear();
  const answer = await ask("snmpbulkwalk", old.siteConfig(), "acc-sw1", LLDP_REMOTE);
  expect([...answer.values()]).toContain("ap1");
  await old.stop();
});

import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchDir } from "../../packaging/parts/index.ts";
import { main } from "./index.ts";

const SWITCH = join(import.meta.dir, "../profile/recording/access-switch.snmprec");
/** Recordings of real devices, where a machine has them beside the checkout. */
const RECORDINGS = join(import.meta.dir, "../../../shared/data/snmprec");

async function collector(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line), env: {} });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

test("profile test reads a recording as a poll reads the device", async () => {
  const { code, out } = await collector("profile", "test", SWITCH, "--json");
  expect(code).toBe(0);
  const facts: unknown = JSON.parse(out);
  expect(facts).toMatchObject({
    vendor: "Cisco",
    os: "IOS",
    model: "WS-C2960S-24TS-L",
    version: "15.0(2)SE11",
    serial: "ABC1234X0YZ",
    interfaces: [
      { index: 1, name: "Gi0/1", alias: "uplink", type: 6, adminStatus: 1, operStatus: 1, speedBps: 1e9 },
      { index: 2, name: "Gi0/2", alias: "", type: 6, adminStatus: 2, operStatus: 2, speedBps: 1e8 },
    ],
    sensors: [
      { class: "temperature", name: "SW#1, Sensor#1, GREEN", value: 41, unit: "celsius", state: "ok" },
      { class: "power-supply", name: "Sw1, PS1 Faulty", value: null, state: "failed" },
    ],
    processors: [{ usageRatio: 0.17 }],
    storages: [{ kind: "memory", name: "Processor", usedBytes: 30_000_000, sizeBytes: 100_000_000 }],
    addresses: [{ address: "192.0.2.9", interfaceIndex: 1 }],
  });
});

test("a neighbour told of by LLDP and CDP comes once, one that only CDP knows comes too", async () => {
  const { out } = await collector("profile", "test", SWITCH, "--json");
  expect((JSON.parse(out) as { links: unknown }).links).toEqual([
    { localPort: "Gi0/1", remoteSystem: "core-sw1.example", remotePort: "Te1/1", protocol: "lldp" },
    { localPort: "Gi0/2", remoteSystem: "phone-2041", remotePort: "Port 1", protocol: "cdp" },
  ]);
});

test("profile test prints a table, and says what is wrong with a file", async () => {
  expect((await collector("profile", "test", SWITCH)).out).toMatch(
    /Cisco WS-C2960S-24TS-L.*Gi0\/1 .*Neighbours \(2\)/s,
  );
  const file = join(scratchDir("profile"), "bad.snmprec");
  writeFileSync(file, "nonsense\n1.3.6.1.2.1.1.3.0|67|x\n");
  const { code, err } = await collector("profile", "test", file);
  expect([code, err]).toEqual([2, expect.stringMatching(/2 lines.*line 1: nonsense.*holds no variable/s)]);
});

test("profile list and profile schema say what there is", async () => {
  const list = JSON.parse((await collector("profile", "list", "--json")).out) as { name: string; vendor: string }[];
  expect(new Set(list.map(({ vendor }) => vendor)).size).toBeGreaterThanOrEqual(80);
  expect((await collector("profile", "list")).out).toMatch(/^Profile +Vendor/);
  expect(JSON.parse((await collector("profile", "schema")).out)).toHaveProperty("properties.identity");
});

interface Facts extends Record<Part, string> {
  profile: string;
  interfaces: unknown[];
  sensors: unknown[];
  links: unknown[];
}
type Part = "vendor" | "os" | "model" | "version" | "serial";

/** How much is said of the recorded devices, as a share of them; it may grow. Most recordings lack a part or another. */
const SAID_MIN: Record<Part | "sensors" | "kind", number> = {
  vendor: 1,
  kind: 0.99,
  os: 0.85,
  model: 0.68,
  version: 0.34,
  serial: 0.43,
  sensors: 0.45,
};

test("recordings of real devices are read without a fault, and little of what they say is missed", async () => {
  const files = existsSync(RECORDINGS) ? readdirSync(RECORDINGS).filter((file) => file.endsWith(".snmprec")) : [];
  const said: Record<string, number> = {};
  const told = files.filter((file) => !GENERIC_RECORDINGS.test(file));
  for (const file of files) {
    const { code, out } = await collector("profile", "test", join(RECORDINGS, file), "--json");
    expect([file, code]).toEqual([file, 0]);
    const facts = JSON.parse(out) as Facts;
    const text = readFileSync(join(RECORDINGS, file), "latin1");
    for (const [rows, found] of [
      [IF_ROW, facts.interfaces],
      [NEIGHBOUR_ROW, facts.links],
      [SENSOR_ROW, facts.sensors],
    ] as const)
      if (rows.test(text)) expect([file, found.length > 0]).toEqual([file, true]);
    if (!told.includes(file)) continue;
    const present = { ...facts, sensors: facts.sensors.length > 0, kind: facts.profile !== "generic" };
    for (const part of Object.keys(SAID_MIN) as (keyof typeof SAID_MIN)[])
      if (present[part]) said[part] = (said[part] ?? 0) + 1;
  }
  for (const [part, share] of Object.entries(SAID_MIN))
    expect([part, (said[part] ?? 0) >= told.length * share]).toEqual([part, true]);
}, 60_000);

/** Those that were cut down to one MIB and name no vendor. */
const GENERIC_RECORDINGS = /^(_|generic|dummy|entity|constraint|features)/;
const IF_ROW = /^1\.3\.6\.1\.2\.1\.2\.2\.1\.2\./m;
const NEIGHBOUR_ROW = /^(1\.0\.8802\.1\.1\.2\.1\.4\.1\.1\.7|1\.3\.6\.1\.4\.1\.9\.9\.23\.1\.2\.1\.1\.6)\./m;
const SENSOR_ROW = /^1\.3\.6\.1\.2\.1\.99\.1\.1\.1\.4\./m;

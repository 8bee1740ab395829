import { expect, test } from "bun:test";
import { connectDevices } from "./connect.ts";
import type { Examined, Heard, Identity } from "./found.ts";
import { mergeDuplicates } from "./merge.ts";

const STARTED_MS = 1_700_000_000_000;

function answer(address: string, identity: Partial<Identity> = {}, more: Partial<Examined> = {}): Examined {
  const unknown = {
    sysName: "",
    sysDescr: "",
    sysObjectId: "1.3.6.1.4.1.9",
    vendor: "",
    model: "",
    osVersion: "",
    serial: "",
  };
  return {
    address,
    port: 161,
    credential: "read-only",
    identity: { ...unknown, engineId: "", chassisId: "", profile: "", startedAtMs: STARTED_MS, ...identity },
    ports: [],
    addresses: [],
    heard: [],
    learned: [],
    resolved: [],
    openPorts: [],
    incomplete: "",
    ...more,
  };
}

const port = (index: number, name: string, mac = "") => ({ index, name, mac, description: `long ${name}`, alias: "" });
const groupsOf = (answers: Examined[]) => mergeDuplicates(answers).map(({ members }) => members.map((m) => m.address));

test("clones that share an engine id stay apart when serials differ, or when they started at other times", () => {
  const engineId = "80001f8880aabbccdd";
  expect(
    groupsOf([answer("10.0.0.1", { engineId, serial: "AAA1" }), answer("10.0.0.2", { engineId, serial: "BBB2" })]),
  ).toHaveLength(2);
  const later = { engineId, startedAtMs: STARTED_MS + 3_600_000 };
  expect(groupsOf([answer("10.0.0.1", { engineId }), answer("10.0.0.2", later)])).toHaveLength(2);
  const [one, two] = mergeDuplicates([answer("10.0.0.1", { engineId }), answer("10.0.0.2", later)]);
  expect(one?.key).not.toBe(two?.key ?? "");
  expect(groupsOf([answer("10.0.0.2", { engineId }), answer("10.0.0.10", { engineId })])).toEqual([
    ["10.0.0.2", "10.0.0.10"],
  ]);
});

test("serial numbers that a maker never set join nothing", () => {
  for (const serial of ["", "0000000", "n/a"])
    expect(groupsOf([answer("10.0.0.1", { serial }), answer("10.0.0.2", { serial })])).toHaveLength(2);
});

test("name and a port's address in common are weaker evidence, and say so", () => {
  const ports = [port(1, "Gi1", "00:11:22:33:44:55")];
  const [merged, ...rest] = mergeDuplicates([
    answer("10.0.0.1", { sysName: "edge" }, { ports }),
    answer("10.0.0.2", { sysName: "edge" }, { ports }),
    answer("10.0.0.3", { sysName: "other" }, { ports }),
  ]);
  expect(merged).toMatchObject({ confidence: "medium", reasons: [expect.stringContaining("00:11:22:33:44:55")] });
  expect(rest).toHaveLength(1);
});

test("an address that a device lists as its own is the device's", () => {
  const sysName = "router";
  expect(
    groupsOf([answer("10.0.0.1", { sysName }, { addresses: ["10.9.9.9"] }), answer("10.9.9.9", { sysName })]),
  ).toHaveLength(1);
  expect(
    groupsOf([answer("10.0.0.1", { sysName }, { addresses: ["10.9.9.9"] }), answer("10.9.9.9", { sysName: "x" })]),
  ).toHaveLength(2);
});

const heard = (localPort: string, more: Partial<Heard>): Heard => ({
  protocol: "lldp",
  localPort,
  remoteChassis: "",
  remoteSystem: "",
  remoteAddress: "",
  remotePorts: [],
  ...more,
});

function linksOf(...answers: Examined[]) {
  return connectDevices(mergeDuplicates(answers)).map(({ a, b, confidence, protocols }) => {
    const ends = [a, b].map((e) => `${e.system} ${e.port}`.trim()).toSorted();
    return `${ends.join(" = ")} ${confidence} ${protocols.join()}`;
  });
}

const left = (more: Partial<Examined>) =>
  answer(
    "10.0.0.1",
    { sysName: "left.example.net", chassisId: "02:00:00:00:00:01" },
    { ports: [port(1, "Te1", "02:00:00:00:00:11")], ...more },
  );
const right = (more: Partial<Examined>) =>
  answer(
    "10.0.0.2",
    { sysName: "right", chassisId: "02:00:00:00:00:02" },
    { ports: [port(7, "Te7", "02:00:00:00:00:27")], ...more },
  );

test("LLDP at one end by address and CDP at the other by long name are one link that both ends tell", () => {
  const toRight = heard("Te1", { remoteChassis: "02:00:00:00:00:02", remotePorts: ["02:00:00:00:00:27"] });
  const toLeft = heard("Te7", { protocol: "cdp", remoteSystem: "LEFT.other.domain", remotePorts: ["long Te1"] });
  expect(linksOf(left({ heard: [toRight] }), right({ heard: [toLeft] }))).toEqual([
    "left.example.net Te1 = right Te7 high cdp,lldp",
  ]);
  expect(linksOf(left({ heard: [toRight] }), right({}))).toEqual(["left.example.net Te1 = right Te7 medium lldp"]);
  const stranger = heard("Te1", { remoteSystem: "stranger.example.net", remotePorts: ["x"] });
  const again = heard("Te1", { protocol: "cdp", remoteSystem: "STRANGER", remotePorts: ["long x"] });
  expect(linksOf(left({ heard: [stranger, again] }))).toEqual([
    "left.example.net Te1 = stranger.example.net x medium cdp,lldp",
  ]);
});

test("forwarding tables alone give a weak link, and none through a port with several devices behind it", () => {
  const learned = [{ mac: "02:00:00:00:00:27", port: "Te1" }];
  expect(linksOf(left({ learned }), right({}))).toEqual(["left.example.net Te1 = right Te7 low fdb"]);
  const third = answer("10.0.0.3", { sysName: "third", chassisId: "02:00:00:00:00:03" });
  const both = [...learned, { mac: "02:00:00:00:00:03", port: "Te1" }];
  expect(linksOf(left({ learned: both }), right({}), third)).toEqual([]);
  const silent = answer("10.0.0.4", { sysName: "silent" });
  const resolved = [{ address: "10.0.0.4", mac: "02:00:00:00:00:04" }];
  expect(linksOf(left({ learned: [{ mac: "02:00:00:00:00:04", port: "Te1" }], resolved }), silent)).toEqual([
    "left.example.net Te1 = silent low fdb",
  ]);
});

const mac = (end: number) => `02:00:00:00:00:${end}`;

/** Three switches in a row, `left` Te1 - Te7 `right` Te8 - Te3 `far`, each of which learnt the others behind its ports. */
test("switches that only forward are linked where no third stands between them", () => {
  const far = (more: Partial<Examined>) =>
    answer("10.0.0.3", { sysName: "far", chassisId: mac(13) }, { ports: [port(3, "Te3", mac(33))], ...more });
  const middle = right({
    ports: [port(7, "Te7", mac(27)), port(8, "Te8", mac(28))],
    learned: [
      { mac: mac(11), port: "Te7" },
      { mac: mac(33), port: "Te8" },
    ],
  });
  const behindTe1 = [27, 28, 33].map((end) => ({ mac: mac(end), port: "Te1" }));
  const behindTe3 = [28, 11].map((end) => ({ mac: mac(end), port: "Te3" }));
  expect(linksOf(left({ learned: behindTe1 }), middle, far({ learned: behindTe3 })).toSorted()).toEqual([
    "far Te3 = right Te8 medium fdb",
    "left.example.net Te1 = right Te7 medium fdb",
  ]);
});

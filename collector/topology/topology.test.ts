import { expect, test } from "bun:test";
import { join } from "node:path";
import { scratchDir } from "../../packaging/parts/index.ts";
import { createTopology, openFactStore, type Standing } from "./index.ts";
import { answered, device, neighbour } from "./reading.fixture.ts";

/** core with a firewall and two distribution switches; acc1 hangs on both, acc2 on dist2 alone. */
const SITE: Record<string, string[]> = {
  core: ["Te1/1 > fw Gi0/1", "Te1/2 > dist1 Te0/1", "Te1/3 > dist2 Te0/1"],
  fw: ["Gi0/1 > core.example.net Te1/1", "Gi0/2 > rtr Gi0/0"],
  rtr: ["Gi0/0 > FW Gi0/2"],
  dist1: ["Te0/1 > core Te1/2", "Gi1 > acc1 Up1"],
  dist2: ["Te0/1 > core Te1/3", "Gi1 > acc1 Up2", "Gi2 > acc2 Up1"],
  acc1: ["Up1 > dist1 Gi1", "Up2 > dist2 Gi1"],
  acc2: ["Up1 > dist2 00:11:22:33:44:55"],
};
const DEVICES = Object.keys(SITE).map((name) => device(name, name === "core" ? "core" : ""));

function site(options: { attachedTo?: string; file?: string } = {}) {
  const store = openFactStore({
    path: options.file ?? join(scratchDir("topology"), "topology.sqlite"),
    nowMs: 0,
    onTrouble: fail,
  });
  const topology = createTopology({ store, attachedTo: options.attachedTo });
  topology.setDevices(DEVICES);
  return { topology, store };
}

function learnt(options: { attachedTo?: string; file?: string } = {}) {
  const made = site(options);
  for (const [name, rows] of Object.entries(SITE)) {
    made.topology.learn(answered(name, { neighbours: rows.map(neighbour) }));
  }
  return made;
}

function down(...names: string[]): Standing {
  return { isDeviceDown: (d) => names.includes(d), isInterfaceDown: (d, p) => names.includes(`${d}:${p}`) };
}

test("the collector stands at the core, and the way to a device starts there", () => {
  const { topology } = learnt();
  expect(topology.root()).toBe("core");
  expect(topology.upstreamOf("rtr")).toEqual(["core", "fw"]);
  expect(topology.upstreamOf("core")).toEqual([]);
});

test("a configured place wins over the guess", () => {
  const { topology } = learnt({ attachedTo: "acc2" });
  expect(topology.upstreamOf("core")).toEqual(["acc2", "dist2"]);
});

test("system names match with a domain and in any case; both reports of a cable are one link", () => {
  const { topology } = learnt();
  expect(topology.links()).toHaveLength(7);
  expect(topology.remoteOf("core", "Te1/1")).toEqual({ device: "fw", port: "Gi0/1" });
});

test("a reading that is not the whole takes away neither a name nor a link", () => {
  const { topology } = learnt();
  const { system } = answered("core");
  topology.learn(answered("core", { incomplete: "fell silent", system: { ...system, name: "" }, neighbours: [] }));
  expect(topology.links()).toHaveLength(7);
});

test("a far port reported by its MAC address is matched with the far end's own report", () => {
  const { topology } = learnt();
  expect(topology.remoteOf("acc2", "Up1")).toEqual({ device: "dist2", port: "Gi2" });
});

test("a cut link explains everything behind it, and names the end that is known to be down", () => {
  const { topology } = learnt();
  const cut = { kind: "interface", device: "core", port: "Te1/1" } as const;
  expect(topology.findCut("fw", down("core:Te1/1"))).toEqual(cut);
  expect(topology.findCut("rtr", down("core:Te1/1", "fw"))).toEqual(cut);
});

test("a dead device explains those behind it, not itself", () => {
  const { topology } = learnt();
  expect(topology.findCut("acc2", down("dist2", "acc2"))).toEqual({ kind: "device", device: "dist2" });
  expect(topology.findCut("dist2", down("dist2", "acc2"))).toBeUndefined();
});

test("a device with a second way is not explained until that one is cut as well", () => {
  const { topology } = learnt();
  expect(topology.findCut("acc1", down("dist1", "acc1"))).toBeUndefined();
  expect(topology.findCut("acc1", down("dist1", "acc1", "dist2:Gi1"))).toEqual({ kind: "device", device: "dist1" });
});

test("neighbours that all lost one device say that it is the device, not their cables", () => {
  const { topology } = learnt();
  const lost = ["core:Te1/3", "acc1:Up2"];
  expect(topology.findCut("dist2", down(...lost))).toBeUndefined();
  expect(topology.findCut("acc2", down(...lost, "dist2"))).toEqual({ kind: "device", device: "dist2" });
  expect(topology.findCut("acc2", down("core:Te1/3", "dist2:Gi1", "dist2"))).toEqual({
    kind: "device",
    device: "dist2",
  });
});

test("a dead root explains all", () => {
  const { topology } = learnt();
  expect(topology.findCut("acc2", down("core"))).toEqual({ kind: "device", device: "core" });
});

test("it counts what stands behind a device and behind a port", () => {
  const { topology } = learnt();
  expect([topology.countBehind("fw"), topology.countBehind("dist1"), topology.countBehind("dist2")]).toEqual([1, 0, 1]);
  expect(topology.countBehindPort("core", "Te1/1")).toBe(2);
  expect(topology.countBehindPort("dist1", "Gi1")).toBe(0);
});

test("a link that lost its neighbour rows is still known, until a day has passed", () => {
  const { topology } = learnt();
  topology.learn(answered("fw", { takenAtMs: 1_060_000, neighbours: [] }));
  topology.learn(answered("core", { takenAtMs: 1_060_000, neighbours: [] }));
  expect(topology.remoteOf("core", "Te1/1")).toEqual({ device: "fw", port: "Gi0/1" });
  for (const name of Object.keys(SITE)) topology.learn(answered(name, { takenAtMs: 90_000_000, neighbours: [] }));
  expect(topology.links()).toEqual([]);
});

test("a port with a new neighbour forgets the old one at once", () => {
  const { topology } = learnt();
  topology.learn(answered("rtr", { neighbours: [neighbour("Gi0/0 > acc1 Up9")] }));
  topology.learn(answered("fw", { neighbours: [neighbour("Gi0/1 > core Te1/1"), neighbour("Gi0/2 > unknown 1")] }));
  expect(topology.remoteOf("rtr", "Gi0/0")).toEqual({ device: "acc1", port: "Up9" });
});

test("what was learnt survives a restart; a device out of the configuration does not", () => {
  const file = join(scratchDir("topology-restart"), "topology.sqlite");
  learnt({ file }).store.close();
  const { topology } = site({ file });
  expect(topology.upstreamOf("rtr")).toEqual(["core", "fw"]);
  topology.setDevices(DEVICES.filter((d) => d.name !== "fw"));
  expect(topology.upstreamOf("rtr")).toEqual([]);
});

test("a neighbour that is seen again in the very same list is kept for a day from then on", () => {
  const { topology } = site();
  const neighbours = [neighbour("Gi0/1 > core Te1/1")];
  topology.learn(answered("core"));
  for (const takenAtMs of [1_000_000, 80_000_000, 160_000_000])
    topology.learn(answered("fw", { takenAtMs, neighbours }));
  topology.learn(answered("fw", { takenAtMs: 200_000_000, neighbours: [] }));
  expect(topology.remoteOf("fw", "Gi0/1")).toEqual({ device: "core", port: "Te1/1" });
  topology.learn(answered("fw", { takenAtMs: 250_000_000, neighbours: [] }));
  expect(topology.links()).toEqual([]);
});

test("a device that claims a thousand neighbours is bounded", () => {
  const { topology } = learnt();
  const flood = Array.from({ length: 5_000 }, (_, i) => neighbour(`p${i} > core x${i}`));
  topology.learn(answered("acc2", { neighbours: flood }));
  expect(topology.links().length).toBeLessThan(1_100);
});

function fail(message: string): never {
  throw new Error(message);
}

import { expect, test } from "bun:test";
import { DeviceSchema, DeviceState } from "@watchpost/proto";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { answered, device, neighbour, port, unanswered } from "../topology/reading.fixture.ts";
import { join } from "node:path";
import { scratchDir } from "../../packaging/parts/index.ts";
import { createInventory, openDeviceStore } from "./index.ts";

const CORE = device("core", "core");

function inventoryOf(dir = scratchDir("inventory")) {
  return createInventory(openDeviceStore({ path: join(dir, "inventory.sqlite"), nowMs: 0, onTrouble: fail }));
}

test("a reading becomes the contract's device", () => {
  const reading = answered("core", {
    interfaces: [port("Te1/1", { alias: "to fw1" })],
    neighbours: [neighbour("Te1/1 > fw1 Gi0/1")],
  });
  expect(inventoryOf().take(CORE, reading, false)).toMatchObject({
    name: "core",
    role: "core",
    state: DeviceState.UP,
    stateSinceMs: 1_000_000n,
    polledAtMs: 1_000_000n,
    interfaces: [{ ifIndex: 1, name: "Te1/1", alias: "to fw1", speedBps: 1_000_000_000n, operStatus: 1 }],
    neighbours: [{ localPort: "Te1/1", remoteSystem: "fw1", remotePort: "Gi0/1", protocol: "lldp" }],
  });
});

test("one lost poll changes nothing; a confirmed one is down, with what was known before", () => {
  const inventory = inventoryOf();
  inventory.take(CORE, answered("core", { interfaces: [port("Te1/1")] }), false);
  expect(inventory.take(CORE, unanswered("core", 1_030_000), false)).toBeUndefined();
  expect(inventory.take(CORE, unanswered("core", 1_036_000), true)).toMatchObject({
    state: DeviceState.DOWN,
    stateSinceMs: 1_036_000n,
    interfaces: [{ name: "Te1/1" }],
  });
  expect(inventory.take(CORE, answered("core", { takenAtMs: 1_050_000 }), false)).toMatchObject({
    state: DeviceState.UP,
  });
});

test("a reading that is not the whole forgets nothing, and what it says counts", () => {
  const inventory = inventoryOf();
  const neighbours = [neighbour("Te1/1 > fw1 Gi0/1")];
  inventory.take(CORE, answered("core", { interfaces: [port("Te1/1"), port("Te1/2")], neighbours }), false);
  const cut = answered("core", {
    takenAtMs: 1_030_000,
    incomplete: "its time was over after 9 requests",
    system: { ...answered("core").system, vendor: "" },
    interfaces: [port("Te1/2", { operStatus: 2 })],
  });
  expect(inventory.take(CORE, cut, false)).toMatchObject({
    vendor: "net-snmp",
    interfaces: [
      { name: "Te1/2", operStatus: 2 },
      { name: "Te1/1", operStatus: 1 },
    ],
    neighbours: [{ remoteSystem: "fw1" }],
  });
});

test("a device that never answered has no state until it is confirmed down", () => {
  expect(inventoryOf().take(CORE, unanswered("core"), false)).toMatchObject({ state: DeviceState.UNSPECIFIED });
});

test("what did not change is told every five minutes", () => {
  const inventory = inventoryOf();
  const at = (takenAtMs: number) => inventory.take(CORE, answered("core", { takenAtMs }), false);
  expect(at(1_000_000)).toBeDefined();
  expect(at(1_299_000)).toBeUndefined();
  expect(at(1_300_000)).toBeDefined();
});

test("nonsense from an agent fits the contract", () => {
  const wild = port("x".repeat(5_000), {
    index: -5,
    type: Number.NaN,
    speedBps: Number.POSITIVE_INFINITY,
    adminStatus: 2 ** 40,
  });
  const message = inventoryOf().take(
    CORE,
    answered("core", { interfaces: Array.from({ length: 9_000 }, () => wild) }),
    false,
  );
  if (!message) throw new Error("nothing to tell");
  const read = fromBinary(DeviceSchema, toBinary(DeviceSchema, message));
  expect(read.interfaces).toHaveLength(4_096);
  expect(read.interfaces[0]).toMatchObject({ ifIndex: 0, type: 0, speedBps: 0n, adminStatus: 4_294_967_295 });
  expect(read.interfaces[0]?.name).toHaveLength(255);
});

test("a device that is down when the collector starts keeps what was known of it", () => {
  const dir = scratchDir("inventory-restart");
  const store = openDeviceStore({ path: join(dir, "inventory.sqlite"), nowMs: 0, onTrouble: fail });
  createInventory(store).take(CORE, answered("core", { interfaces: [port("Te1/1")] }), false);
  store.close();
  const inventory = inventoryOf(dir);
  const fresh = device("new", "access");
  expect(inventory.configure([CORE, fresh])).toMatchObject({
    known: [
      { name: "core", state: DeviceState.UP, interfaces: [{ name: "Te1/1" }] },
      { name: "new", state: DeviceState.UNSPECIFIED, interfaces: [] },
    ],
    left: [],
  });
  expect(inventory.take(CORE, unanswered("core", 2_000_000), true)).toMatchObject({
    state: DeviceState.DOWN,
    interfaces: [{ name: "Te1/1" }],
  });
  expect(inventory.configure([fresh])).toMatchObject({ known: [{ name: "new" }], left: ["core"] });
});

function fail(message: string): never {
  throw new Error(message);
}

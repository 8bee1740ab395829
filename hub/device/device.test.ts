import { afterAll, beforeAll, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { collectors, sites } from "@watchpost/db/schema";
import { DeviceSchema, DeviceState, type Inventory, InventorySchema } from "@watchpost/proto";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import type { Context } from "../context.ts";
import { getDevice, type InventorySource, listCollectors, listDeviceGroups, listDevices, listSites } from "./index.ts";
import { recordInventory, setDeviceGroup } from "./index.ts";

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const clock = { nowMs: () => NOW_MS };
let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await testDatabase();
  ctx = { db: database.db, clock, actor: { kind: "system" } };
}, 60_000);
afterAll(() => database.close());

async function newSite(name: string): Promise<InventorySource> {
  const [site] = await database.db.insert(sites).values({ name, title: name }).returning();
  const [collector] = await database.db
    .insert(collectors)
    .values({ siteId: site!.id, name: "edge", certificateSerial: "00", certificateNotAfter: new Date(NOW_MS) })
    .returning();
  return { siteId: site!.id, site: name, collectorId: collector!.id };
}

interface Shape {
  name: string;
  address?: string;
  state?: DeviceState;
  sysName?: string;
  polledAtMs?: bigint;
  interfaces?: { ifIndex: number; name: string; operStatus?: number }[];
  neighbours?: { localPort: string; remoteSystem: string; remotePort: string }[];
}

function inventory(devices: Shape[], whole = false): Inventory {
  return create(InventorySchema, {
    whole,
    devices: devices.map((d) =>
      create(DeviceSchema, {
        address: "127.1.0.1",
        state: DeviceState.UP,
        stateSinceMs: BigInt(NOW_MS - 60_000),
        polledAtMs: BigInt(NOW_MS - 1_000),
        ...d,
        interfaces: (d.interfaces ?? [{ ifIndex: 1, name: "Te1/1" }]).map((i) => ({
          operStatus: 1,
          ...i,
          $typeName: "watchpost.v1.Interface" as const,
          alias: "",
          type: 6,
          mac: "",
          speedBps: 1_000_000_000n,
          adminStatus: 1,
        })),
        neighbours: (d.neighbours ?? []).map((n) => ({
          ...n,
          $typeName: "watchpost.v1.Neighbour" as const,
          protocol: "lldp",
        })),
      }),
    ),
  });
}

const record = (source: InventorySource, message: Inventory, listing = new Set<string>()) =>
  recordInventory({ db: database.db, clock }, source, message, listing);

async function deviceByName(source: InventorySource, name: string) {
  const { devices } = await listDevices(ctx, { site: source.site });
  return getDevice(ctx, devices.find((d) => d.name === name)!.id);
}

async function configuredAt(site: string): Promise<string[]> {
  const { devices } = await listDevices(ctx, { site });
  return devices.filter((d) => d.configured).map((d) => d.name);
}

test("neighbours are tied to devices of the site by name or system name, whatever the case and domain", async () => {
  const site = await newSite("tied");
  await record(
    site,
    inventory([
      { name: "core-sw1", neighbours: [{ localPort: "Te1/1", remoteSystem: "FW1.example.net", remotePort: "e1" }] },
      { name: "edge-9", neighbours: [{ localPort: "Te1/1", remoteSystem: "Core-SW1", remotePort: "Te1/2" }] },
    ]),
  );
  expect((await deviceByName(site, "core-sw1")).links[0]?.remoteDevice).toBeUndefined();
  await record(site, inventory([{ name: "firewall", sysName: "fw1" }]));
  expect((await deviceByName(site, "core-sw1")).links[0]?.remoteDevice).toBe("firewall");
  expect((await deviceByName(site, "edge-9")).links[0]?.remoteDevice).toBe("core-sw1");
});

test("a repeated message writes nothing", async () => {
  const site = await newSite("repeated");
  const message = inventory([
    { name: "core-sw1", neighbours: [{ localPort: "1", remoteSystem: "x", remotePort: "2" }] },
  ]);
  await record(site, message);
  const versions = () => database.sql`
    select xmin::text from control_plane.devices where site_id = ${site.siteId}
    union all select i.xmin::text from control_plane.interfaces i join control_plane.devices d on d.id = i.device_id
    where d.site_id = ${site.siteId}`;
  const before = await versions();
  await record(site, message);
  expect([...(await versions())]).toEqual([...before]);
});

test("a device that changes state is announced once, and one that does not answer keeps what is known of it", async () => {
  const site = await newSite("states");
  await record(site, inventory([{ name: "sw", sysName: "sw.example.net" }]));
  await record(site, inventory([{ name: "sw", state: DeviceState.DOWN, polledAtMs: 0n, interfaces: [] }]));
  await record(site, inventory([{ name: "sw", state: DeviceState.DOWN, interfaces: [] }]));
  const device = await deviceByName(site, "sw");
  expect(device.state).toBe("down");
  expect(device.interfaces.map((i) => i.name)).toEqual(["Te1/1"]);
  expect(device.sysName).toBe("sw.example.net");
  const messages =
    await database.sql`select payload from shared.bus where topic = 'device' and key = ${device.id} order by id`;
  expect(messages.map((m) => m["payload"].state)).toEqual(["up", "down"]);
});

test("interfaces that are gone go, and two of one name are told apart by their index", async () => {
  const site = await newSite("interfaces");
  await record(
    site,
    inventory([
      {
        name: "sw",
        interfaces: [
          { ifIndex: 1, name: "a" },
          { ifIndex: 2, name: "b" },
        ],
      },
    ]),
  );
  await record(
    site,
    inventory([
      {
        name: "sw",
        interfaces: [
          { ifIndex: 2, name: "b", operStatus: 2 },
          { ifIndex: 7, name: "b" },
        ],
      },
    ]),
  );
  const { interfaces } = await deviceByName(site, "sw");
  expect(interfaces.map((i) => [i.ifIndex, i.name, i.operStatus])).toEqual([
    [2, "b", 2],
    [7, "b#7", 1],
  ]);
});

test("a full listing over several messages withdraws what none of them named, and its return is noticed", async () => {
  const site = await newSite("listing");
  const listing = new Set<string>();
  await record(site, inventory([{ name: "a" }, { name: "b" }]), listing);
  await record(site, inventory([{ name: "c" }], true), listing);
  await record(site, inventory([{ name: "a" }]), listing);
  expect(await record(site, inventory([{ name: "c" }], true), listing)).toEqual({ refused: [], withdrawn: 1 });
  expect(await configuredAt("listing")).toEqual(["a", "c"]);
  await record(site, inventory([{ name: "b" }]), listing);
  expect(await configuredAt("listing")).toEqual(["a", "b", "c"]);
});

test("hostile text is cut and cleaned, and a device without a usable address is left out by name", async () => {
  const site = await newSite("hostile");
  const name = "x\u0000<script>";
  const result = await record(
    site,
    inventory([
      { name, sysName: "n".repeat(100_000) },
      { name: "bad", address: "1.2.3.4; drop" },
    ]),
  );
  expect(result.refused).toEqual(['device bad: "1.2.3.4; drop" is not an IP address']);
  const device = await deviceByName(site, "x <script>");
  expect(device.sysName).toHaveLength(255);
});

test("the list pages through devices in order, finds by address, and takes % as it is", async () => {
  const site = await newSite("paged");
  await record(site, inventory(Array.from({ length: 5 }, (_, i) => ({ name: `d${i}`, address: `127.9.9.${i}` }))));
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 5; page += 1) {
    const result = await listDevices(ctx, { site: "paged", limit: 2, ...(cursor ? { cursor } : {}) });
    seen.push(...result.devices.map((d) => d.name));
    cursor = result.nextCursor;
    if (!cursor) break;
  }
  expect(seen).toEqual(["d0", "d1", "d2", "d3", "d4"]);
  expect((await listDevices(ctx, { search: "127.9.9.3" })).devices.map((d) => d.name)).toEqual(["d3"]);
  expect((await listDevices(ctx, { search: "%" })).devices).toEqual([]);
  expect(listDevices(ctx, { cursor: "nonsense" })).rejects.toThrow("cursor");
});

test("sites and collectors count what they hold, and a device can be grouped and taken out", async () => {
  const site = await newSite("counted");
  await record(site, inventory([{ name: "a" }, { name: "b", state: DeviceState.DOWN }]));
  const [summary] = (await listSites(ctx)).filter((s) => s.name === "counted");
  expect(summary).toMatchObject({ collectors: 1, collectorsStreaming: 0, devices: 2, devicesDown: 1 });
  expect((await listCollectors(ctx)).find((c) => c.site === "counted")).toMatchObject({
    devices: 2,
    status: "disconnected",
  });
  const { id } = await deviceByName(site, "a");
  await setDeviceGroup(ctx, { deviceIds: [id], group: "core" });
  expect((await listDeviceGroups(ctx)).find((g) => g.name === "core")?.devices).toBe(1);
  expect((await listDevices(ctx, { group: "core" })).devices.map((d) => d.name)).toEqual(["a"]);
  await setDeviceGroup(ctx, { deviceIds: [id], group: null });
  expect((await listDevices(ctx, { group: "core" })).devices).toEqual([]);
  expect(setDeviceGroup(ctx, { deviceIds: [Bun.randomUUIDv7()], group: "core" })).rejects.toThrow(
    "nothing was changed",
  );
});

test("a viewer may look and not regroup", async () => {
  const viewer: Context = {
    ...ctx,
    actor: { kind: "person", userId: Bun.randomUUIDv7(), name: "v", email: "v@x", role: "viewer" },
  };
  expect((await listDevices(viewer, {})).devices.length).toBeGreaterThan(0);
  expect(setDeviceGroup(viewer, { deviceIds: [Bun.randomUUIDv7()], group: "g" })).rejects.toThrow("device:change");
});

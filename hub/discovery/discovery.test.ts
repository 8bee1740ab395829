import { afterAll, beforeAll, expect, test } from "bun:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { auditLog, collectorConfigs, collectors, sites } from "@watchpost/db/schema";
import {
  type Downlink,
  type DiscoveredDevice,
  DiscoveredDeviceSchema,
  DiscoveredLinkSchema,
  Confidence,
  ScanEndSchema,
  ScanProgressSchema,
  ScanReportSchema,
  ScanState,
  SiteConfigSchema,
} from "@watchpost/proto";
import { eq } from "drizzle-orm";
import { parse } from "yaml";
import { startTestHub, type TestHub } from "../web/test-hub.ts";
import type { LinkSource } from "../link/index.ts";
import { recordScanProgress, recordScanReport, recordSiteConfig, sendOpenScans } from "./index.ts";
import type { Proposal, Scan, ScanDetail } from "./view.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.close());

interface Place {
  source: LinkSource;
  /** What the collector's stream was given. */
  told: Downlink["message"][];
}

let places = 0;

/** A collector whose stream is up, unless it is said to be away. */
async function place({ connected = true } = {}): Promise<Place> {
  places += 1;
  const site = `site-${places}`;
  const [siteRow] = await hub.hub.db.insert(sites).values({ name: site, title: site }).returning();
  const siteId = siteRow?.id ?? "";
  const [row] = await hub.hub.db
    .insert(collectors)
    .values({ siteId, name: "edge", certificateSerial: "1", certificateNotAfter: new Date() })
    .returning();
  const collectorId = row?.id ?? "";
  const told: Downlink["message"][] = [];
  const stream = {
    collectorId,
    send(downlink: Downlink) {
      told.push(downlink.message);
      return true;
    },
    end: () => undefined,
  };
  if (connected) hub.deps.links.add(stream);
  return { source: { collectorId, siteId, site }, told };
}

type Answer = Scan & {
  scanId: string;
  by: string;
  code: string;
  detail: string;
  proposals: Proposal[];
  scans: Scan[];
  version: number;
  sent: boolean;
};

async function call(method: string, path: string, body?: unknown, as: "admin" | "operator" = "admin") {
  const headers = { ...hub.bearer[as], "content-type": "application/json" };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${hub.url}/api/v1/discovery/${path}`, init);
  return { status: response.status, json: (await response.json()) as Answer };
}

async function startedScan({ source }: Place): Promise<string> {
  const { status, json } = await call("POST", "scans", { collector_id: source.collectorId, ranges: ["192.0.2.0/24"] });
  expect([status, json.status]).toEqual([202, "requested"]);
  return json.id;
}

type DeviceFields = Extract<MessageInitShape<typeof DiscoveredDeviceSchema>, { $typeName?: never }>;

function device(number: number, more: DeviceFields = {}): DiscoveredDevice {
  const address = `192.0.2.${number}`;
  const answer = {
    key: `serial/${number}`,
    address,
    port: 161,
    credential: "read-only",
    sysName: `sw${number}.example.net`,
  };
  return create(DiscoveredDeviceSchema, { ...answer, answeredAt: [address], model: "C9300", ...more });
}

const ended = (state = ScanState.FINISHED) => create(ScanEndSchema, { state });

async function report({ source }: Place, scanId: string, devices: DiscoveredDevice[], end = ended()): Promise<void> {
  await recordScanReport(hub.hub, source, create(ScanReportSchema, { scanId, devices, end }));
}

async function proposalsOf({ source }: Place, query = ""): Promise<Proposal[]> {
  const { json } = await call("GET", `proposals?collectorId=${source.collectorId}${query}`);
  return json.proposals.toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

const LOCAL =
  "# written by hand\npoll:\n  intervalMs: 5000\ndevices:\n  - { name: old, address: 192.0.2.99, credential: read-only }\nrules: []\n";

async function tellsSite({ source }: Place, version = 0, yaml = LOCAL): Promise<void> {
  await recordSiteConfig(hub.hub, source, create(SiteConfigSchema, { version, yaml }));
}

test("an order goes to the collector, comes again when it reconnects, and a second scan waits for the first", async () => {
  const at = await place();
  const scanId = await startedScan(at);
  expect(at.told).toMatchObject([{ case: "runScan", value: { scanId, ranges: ["192.0.2.0/24"] } }]);
  await sendOpenScans(hub.hub, hub.deps.links, at.source.collectorId);
  expect(at.told).toHaveLength(2);
  const body = { collector_id: at.source.collectorId, ranges: ["192.0.2.0/24"] };
  expect(await call("POST", "scans", body)).toMatchObject({ status: 409, json: { scanId } });
  expect(await call("POST", "scans", body, "operator")).toMatchObject({ status: 403 });
  expect(await call("POST", "scans", { ...body, ranges: ["a; reboot"] })).toMatchObject({ status: 400 });

  const progress = { scanId, addressesTotal: 254, addressesDone: 100, devicesFound: 3, packetsSent: 900n };
  await recordScanProgress(hub.hub, at.source, create(ScanProgressSchema, progress));
  const { json } = await call("GET", `scans/${scanId}`);
  expect(json).toMatchObject({ status: "running", addressesDone: 100, devicesFound: 3, packetsSent: 900 });
  expect(await call("POST", `scans/${scanId}/cancel`)).toMatchObject({ status: 200, json: { isCancelling: true } });
  expect(at.told.at(-1)).toMatchObject({ case: "cancelScan", value: { scanId } });
  await report(at, scanId, [], ended(ScanState.CANCELLED));
  expect(await call("POST", `scans/${scanId}/cancel`)).toMatchObject({ status: 409 });
  expect((await call("GET", "scans")).json.scans[0]).toMatchObject({ id: scanId, status: "cancelled" });
});

test("a scan of a collector that is away ends here, and the collector is told when it is back", async () => {
  const at = await place({ connected: false });
  const scanId = await startedScan(at);
  expect((await call("POST", `scans/${scanId}/cancel`)).json.status).toBe("cancelled");
  const told: Downlink["message"][] = [];
  hub.deps.links.add({
    collectorId: at.source.collectorId,
    end: () => undefined,
    send: ({ message }) => told.push(message) > 0,
  });
  await sendOpenScans(hub.hub, hub.deps.links, at.source.collectorId);
  expect(told).toMatchObject([{ case: "cancelScan", value: { scanId } }]);
});

test("a part that comes twice, and the next scan, propose a device once; a rejected one stays rejected", async () => {
  const at = await place();
  const first = await startedScan(at);
  const merged = { mergeConfidence: Confidence.HIGH, mergeReasons: ["same serial number 1"] };
  const devices = [
    device(1, merged),
    device(2),
    device(3, { configuredAs: "core" }),
    device(4, { credential: "", port: 0 }),
  ];
  await report(at, first, devices);
  await report(at, first, devices);
  const found = await proposalsOf(at);
  expect(found.map((p) => [p.address, p.status])).toEqual([
    ["192.0.2.1", "pending"],
    ["192.0.2.2", "pending"],
    ["192.0.2.3", "known"],
    ["192.0.2.4", "pending"],
  ]);
  expect(found[0]).toMatchObject({ suggestedName: "sw1.example.net", merge: { confidence: "high" }, model: "C9300" });
  const rejected = await call("POST", `proposals/${found[1]?.id}/reject`, { reason: "a printer" });
  expect(rejected.json).toMatchObject({ status: "rejected", reason: "a printer", decidedBy: "admin" });

  const second = await startedScan(at);
  await report(at, second, [device(1, { address: "192.0.2.11" }), device(2), device(3)]);
  const again = await proposalsOf(at);
  expect(again).toHaveLength(4);
  const byAddress = new Map(again.map((p) => [p.address, p.status]));
  expect([byAddress.get("192.0.2.11"), byAddress.get("192.0.2.2"), byAddress.get("192.0.2.3")]).toEqual([
    "pending",
    "rejected",
    "pending",
  ]);
  expect(await proposalsOf(at, "&status=rejected")).toHaveLength(1);
});

test("what a device says of itself is bounded, and a report of another collector's scan changes nothing", async () => {
  const at = await place();
  const other = await place();
  const scanId = await startedScan(at);
  const loud = device(1, {
    sysName: `a\u0000b\n${"x".repeat(5_000)}`,
    sysDescr: "<b>\u2028",
    answeredAt: ["nonsense"],
  });
  const bad = [device(2, { address: "not one" }), device(3, { credential: "a: b\nrules: []" }), device(4, { key: "" })];
  await report(other, scanId, [device(9)]);
  await report(at, scanId, [loud, ...bad]);
  const [only, ...rest] = await proposalsOf(at);
  expect(rest).toEqual([]);
  expect(only?.sysName.length).toBeLessThanOrEqual(255);
  expect(only?.sysName).not.toContain("\n");
  expect(only?.answeredAt).toEqual([]);
  expect(await proposalsOf(other)).toEqual([]);
});

test("accepting adds to what the collector runs, under the credential's name, and says who did", async () => {
  const at = await place();
  const scanId = await startedScan(at);
  await report(at, scanId, [
    device(1),
    device(2, { sysName: "sw1.example.net" }),
    device(3),
    device(4, { credential: "" }),
  ]);
  const [one, two, three, four] = await proposalsOf(at);
  expect(await call("POST", `proposals/${one?.id}/accept`, {})).toMatchObject({ status: 409 });
  await tellsSite(at);
  const accepted = await call("POST", "proposals/accept", {
    proposals: [{ id: one?.id, role: "access" }, { id: two?.id }],
  });
  expect(accepted).toMatchObject({ status: 200, json: { version: 1, sent: true } });
  const push = at.told.findLast((message) => message.case === "config");
  const yaml = push?.case === "config" ? push.value.yaml : "";
  expect(yaml).toContain("# written by hand");
  expect(parse(yaml)).toEqual({
    poll: { intervalMs: 5_000 },
    rules: [],
    devices: [
      { name: "old", address: "192.0.2.99", credential: "read-only" },
      { name: "sw1.example.net", address: "192.0.2.1", port: 161, credential: "read-only", role: "access" },
      { name: "sw1.example.net-192-0-2-2", address: "192.0.2.2", port: 161, credential: "read-only" },
    ],
  });
  expect(await call("POST", `proposals/${one?.id}/accept`, {})).toMatchObject({ status: 409, json: { by: "admin" } });
  expect(await call("POST", `proposals/${three?.id}/accept`, { name: "old" })).toMatchObject({ status: 409 });
  expect(await call("POST", `proposals/${four?.id}/accept`, {})).toMatchObject({ status: 422 });
  expect(await call("POST", `proposals/${three?.id}/accept`, {}, "operator")).toMatchObject({ status: 403 });
  expect((await call("POST", `proposals/${three?.id}/accept`, { name: "third" })).json.version).toBe(2);
  const second = at.told.findLast((message) => message.case === "config");
  expect(second?.case === "config" && parse(second.value.yaml).devices).toHaveLength(4);
  const log = await hub.hub.db
    .select()
    .from(auditLog)
    .where(eq(auditLog.entityId, three?.id ?? ""));
  expect(log).toMatchObject([{ action: "discovery.accepted", details: { name: "third", credential: "read-only" } }]);
});

test("an acceptance that the collector refused may be tried again, on what it does run", async () => {
  const at = await place();
  await tellsSite(at);
  await report(at, await startedScan(at), [device(1), device(2)]);
  const [one, two] = await proposalsOf(at);
  await call("POST", `proposals/${one?.id}/accept`, {});
  await hub.hub.db
    .update(collectorConfigs)
    .set({ state: "refused", reason: "no such credential" })
    .where(eq(collectorConfigs.collectorId, at.source.collectorId));
  expect((await proposalsOf(at))[0]?.config).toEqual({ version: 1, state: "refused", reason: "no such credential" });
  await call("POST", `proposals/${two?.id}/accept`, {});
  const push = at.told.findLast((message) => message.case === "config");
  const names = push?.case === "config" ? parse(push.value.yaml).devices.map((d: { name: string }) => d.name) : [];
  expect(names).toEqual(["old", "sw2.example.net"]);
  expect((await call("POST", `proposals/${one?.id}/accept`, {})).json.version).toBe(3);
});

const end = (deviceKey: string, port: string) => ({ deviceKey, system: "sw", port });

test("links name the proposals at their ends, once however often their part comes", async () => {
  const at = await place();
  const scanId = await startedScan(at);
  const link = { a: end("serial/1", "Te1/1"), b: end("", "eth0"), confidence: Confidence.MEDIUM, protocols: ["lldp"] };
  const links = [create(DiscoveredLinkSchema, link)];
  for (const _ of [1, 2])
    await recordScanReport(
      hub.hub,
      at.source,
      create(ScanReportSchema, { scanId, devices: [device(1)], links, end: ended() }),
    );
  const { json } = await call("GET", `scans/${scanId}`);
  const [proposal] = await proposalsOf(at);
  expect((json as unknown as ScanDetail).links).toEqual([
    {
      a: { proposalId: proposal?.id, system: "sw", port: "Te1/1" },
      b: { system: "sw", port: "eth0", proposalId: undefined },
      confidence: "medium",
      protocols: ["lldp"],
      reason: "",
    },
  ]);
});

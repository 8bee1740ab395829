import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { Agent, bindAgent } from "../../packaging/lab/agent/index.ts";
import { type Lab, startLab } from "../../packaging/lab/index.ts";
import { MODELS } from "../../packaging/lab/device/model.ts";
import { mibOf } from "../../packaging/lab/mib/index.ts";
import { PLANNED_LINKS } from "../../packaging/lab/topology/index.ts";
import { scratchDir } from "../../packaging/parts/index.ts";
import { configSchema } from "../config/index.ts";
import { systemTimerClock } from "../device/clock.ts";
import { createPinger, openIcmpSocket, type Pinger } from "../device/icmp/index.ts";
import { loadProfiles } from "../profile/index.ts";
import { permit } from "./permit.ts";
import { type Progress, scan } from "./scan.ts";

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const library = loadProfiles();

async function labSite(): Promise<{
  lab: Lab;
  port: number;
  scanOf: (options?: Partial<Ordered>) => ReturnType<typeof scan>;
}> {
  const lab = await startLab({ dir: join(scratchDir("discover"), "lab"), seed: 7 });
  opened.push(() => lab.stop());
  const port = lab.devices[0]?.port ?? 0;
  const { credentials } = lab.siteConfig();
  const scanOf = (options: Partial<Ordered> = {}) => {
    const settings = {
      allow: ["127.1.0.0/16"],
      snmpPorts: [port],
      tcpPorts: [],
      packetsPerSecond: 2_000,
      timeoutMs: 400,
      ...options.settings,
    };
    const config = configSchema.parse({ name: "test", credentials, discover: settings });
    const permitted = permit(options.ranges ?? ["127.1.0.0/27"], config.discover.allow);
    if (permitted.kind === "refused") throw new Error(permitted.reason);
    return scan({
      addresses: permitted.addresses,
      credentials: config.credentials,
      settings: config.discover,
      library,
      clock: systemTimerClock,
      ...(options.pinger ? { pinger: options.pinger } : {}),
      signal: options.signal ?? new AbortController().signal,
      onProgress: options.onProgress ?? (() => undefined),
    });
  };
  return { lab, port, scanOf };
}

interface Ordered {
  ranges: string[];
  settings: Record<string, unknown>;
  signal: AbortSignal;
  pinger: Pinger;
  onProgress: (progress: Progress) => void;
}

const VENDORS = { cisco: /cisco/i, fortinet: /fortinet/i, apc: /apc|american power/i, aruba: /aruba/i };

const cable = (ends: { system: string; port: string }[]) =>
  ends
    .map((e) => `${e.system} ${e.port}`)
    .toSorted()
    .join(" - ");

test("a scan finds all 26 devices, who they are, what they answer to, and every cable from both of its ends", async () => {
  const { lab, scanOf } = await labSite();
  const seen: Progress[] = [];
  const { kind, devices, links, hosts, progress } = await scanOf({ onProgress: (p) => void seen.push(p) });
  expect(kind).toBe("finished");
  expect(progress).toMatchObject({ addresses: 30, done: 30, answered: 26 });
  expect(seen.map((p) => p.done)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(hosts).toEqual([]);
  expect(devices.map(({ main }) => [main.identity.sysName, main.address, main.credential])).toEqual(
    lab.devices.map(({ name, address, credential }) => [name, address, credential]),
  );
  for (const { main, confidence } of devices) {
    const device = lab.site.devices.get(main.identity.sysName);
    const { vendor, product } = device?.model ?? MODELS["linux-server"];
    expect(confidence).toBeUndefined();
    expect(main.identity.engineId).toBe(Buffer.from(device?.engineId ?? []).toString("hex"));
    expect(main.identity.model).not.toBe("");
    if (vendor === "cisco") expect(main.identity.model).toBe(product);
    if (vendor !== "net-snmp") expect(main.identity.vendor).toMatch(VENDORS[vendor]);
  }
  const planned = PLANNED_LINKS.map(({ a, b }) => cable([a, b].map((e) => ({ system: e.device, port: e.port }))));
  expect(links.map(({ a, b }) => cable([a, b])).toSorted()).toEqual(planned.toSorted());
  const isCisco = (system: string) => lab.site.devices.get(system)?.model.vendor === "cisco";
  for (const { a, b, protocols, confidence } of links)
    expect([cable([a, b]), confidence, protocols]).toEqual([
      cable([a, b]),
      "high",
      isCisco(a.system) && isCisco(b.system) ? ["cdp", "lldp"] : ["lldp"],
    ]);
}, 30_000);

test("cables of devices without LLDP are found by CDP, and by what switches learnt, each as sure as its evidence", async () => {
  const { lab, scanOf } = await labSite();
  for (const device of lab.site.devices.values()) {
    if (device.name !== "fw1") device.speaks.delete("lldp");
    device.revision += 1;
  }
  const { links } = await scanOf();
  const told = new Map(links.map(({ a, b, ...link }) => [cable([a, b]), link]));
  const roleOf = (name: string) => lab.site.devices.get(name)?.plan.role ?? "";
  for (const { a, b } of PLANNED_LINKS) {
    const link = told.get(cable([a, b].map((e) => ({ system: e.device, port: e.port }))));
    const speakers = [a, b].filter((e) => lab.site.devices.get(e.device)?.speaks.has("cdp")).length;
    const switches = [a, b].filter((e) => SWITCHES.has(roleOf(e.device))).length;
    if (speakers === 2) expect([a, link?.protocols, link?.confidence]).toEqual([a, ["cdp"], "high"]);
    else if (switches === 1) expect([a, link?.protocols, link?.confidence]).toEqual([a, ["fdb"], "low"]);
  }
  expect(links.filter(({ protocols }) => protocols.includes("fdb")).length).toBeGreaterThanOrEqual(10);
  expect([...told.keys()].every((name) => PLANNED.has(name))).toBe(true);
}, 30_000);

const SWITCHES = new Set(["core", "distribution", "access"]);
const PLANNED = new Set(
  PLANNED_LINKS.map(({ a, b }) => cable([a, b].map((e) => ({ system: e.device, port: e.port })))),
);

test("a device that answers at two addresses is one, and its key is the same in both scans", async () => {
  const { lab, port, scanOf } = await labSite();
  const device = lab.site.devices.get("dist-sw1");
  const [community] = lab.siteConfig().credentials.filter((c) => c.name === "lab-v2c");
  if (!device || community?.version !== "v2c") throw new Error("the lab has no dist-sw1 with a community");
  const agent = new Agent({
    mib: mibOf(device, (name) => lab.site.devices.get(name)),
    clock: lab.site.options.clock,
    communities: [community],
  });
  const second = await bindAgent(agent, { address: "127.1.0.30", port });
  opened.push(() => second.close());
  const ranges = [device.address, "127.1.0.29-127.1.0.30"];
  const both = await scanOf({ ranges });
  expect(both.progress.answered).toBe(2);
  expect(both.devices).toHaveLength(1);
  expect(both.devices[0]).toMatchObject({
    main: { address: device.address },
    confidence: "high",
    reasons: [`same serial number ${device.serial}`],
  });
  expect(both.devices[0]?.members.map(({ address }) => address)).toEqual([device.address, "127.1.0.30"]);
  const alone = await scanOf({ ranges: ["127.1.0.30"] });
  expect(alone.devices[0]?.key).toBe(both.devices[0]?.key ?? "");
}, 30_000);

test("a cancel ends the scan at once, with what was found until then", async () => {
  const { scanOf } = await labSite();
  const abort = new AbortController();
  const settings = { timeoutMs: 5_000, inFlightMax: 3 };
  let cancelledAtMs = Number.POSITIVE_INFINITY;
  const result = await scanOf({
    ranges: ["127.1.0.1-127.1.0.4", "127.1.0.64/26"],
    settings,
    signal: abort.signal,
    onProgress({ done }) {
      if (done < 2) return;
      cancelledAtMs = Math.min(cancelledAtMs, performance.now());
      abort.abort();
    },
  });
  expect(performance.now() - cancelledAtMs).toBeLessThan(1_000);
  expect(result.kind).toBe("cancelled");
  expect(result.progress.done).toBeLessThan(10);
  expect(result.devices.length).toBeGreaterThan(0);
}, 30_000);

test("an address that answers nothing gets few packets, no faster than the pace", async () => {
  const arrivals: number[] = [];
  const sink = await Bun.udpSocket({
    hostname: "127.3.0.1",
    socket: { data: () => void arrivals.push(performance.now()) },
  });
  const others = await Promise.all(
    ["127.3.0.2", "127.3.0.3", "127.3.0.4"].map((hostname) =>
      Bun.udpSocket({ hostname, port: sink.port, socket: { data: () => void arrivals.push(performance.now()) } }),
    ),
  );
  for (const socket of [sink, ...others]) opened.push(() => socket.close());
  const { scanOf } = await labSite();
  const packetsPerSecond = 40;
  const settings = { allow: ["127.3.0.0/24"], snmpPorts: [sink.port], packetsPerSecond, timeoutMs: 200, ping: false };
  const { progress } = await scanOf({ ranges: ["127.3.0.1-127.3.0.4"], settings });
  // Two tries of SNMPv3's discovery, of the community and of SNMPv1's each; other SNMPv3 users are spared.
  expect([progress.packets, arrivals.length]).toEqual([24, 24]);
  const windows = arrivals.map((from) => arrivals.filter((at) => at >= from && at < from + 250).length);
  expect(Math.max(...windows)).toBeLessThanOrEqual(packetsPerSecond / 4 + packetsPerSecond / 20 + 2);
}, 30_000);

test("an open TCP port, or an answer to a ping, tells of a host that no credential fits", async () => {
  const server = Bun.listen({ hostname: "127.4.0.1", port: 0, socket: { data: () => undefined } });
  opened.push(() => server.stop(true));
  const { scanOf } = await labSite();
  const settings = { allow: ["127.4.0.0/24"], tcpPorts: [server.port, 1], timeoutMs: 200, retries: 1 };
  const { hosts, devices } = await scanOf({ ranges: ["127.4.0.1-127.4.0.2"], settings });
  expect(devices).toEqual([]);
  const host = { address: "127.4.0.1", openPorts: [server.port], hasAgent: false, answersEcho: false };
  expect(hosts).toEqual([host]);
  const icmp = openIcmpSocket();
  if (icmp.kind === "unavailable") return;
  const pinger = createPinger({ socket: icmp.socket, clock: systemTimerClock });
  opened.push(() => pinger.close());
  const pinged = await scanOf({ ranges: ["127.4.0.1-127.4.0.2"], settings, pinger });
  const silent = { address: "127.4.0.2", openPorts: [], hasAgent: false, answersEcho: true };
  expect(pinged.hosts.toSorted((one, other) => (one.address < other.address ? -1 : 1))).toEqual([
    { ...host, answersEcho: true },
    silent,
  ]);
}, 30_000);

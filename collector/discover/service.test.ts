import { afterEach, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { type ScanReport, ScanOrderSchema, ScanReportAckSchema, ScanState, type SiteConfig } from "@watchpost/proto";
import { pino } from "pino";
import { configSchema, sitePartSchema } from "../config/index.ts";
import { systemTimerClock } from "../device/clock.ts";
import { loadProfiles } from "../profile/index.ts";
import { createDiscovery } from "./service.ts";

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const library = loadProfiles();

/** Discovery whose hub is a list; nobody answers at the addresses it may scan. */
function discovery(allow: string[]) {
  const reports: ScanReport[] = [];
  const sites: SiteConfig[] = [];
  const link = { isUp: true };
  const settings = { allow, tcpPorts: [], ping: false, timeoutMs: 300, retries: 0 };
  const { credentials, discover } = configSchema.parse({
    name: "edge",
    credentials: [{ name: "read-only", version: "v2c", community: "secret-word" }],
    discover: settings,
  });
  const device = { name: "core", address: "127.5.0.9", credential: "read-only" };
  const service = createDiscovery({
    credentials,
    settings: discover,
    library,
    clock: systemTimerClock,
    log: pino({ level: "silent" }),
    site: () => ({ version: 4, part: sitePartSchema.parse({ devices: [device] }), isProven: true }),
    uplink: {
      progress: () => link.isUp,
      report: (report) => link.isUp && reports.push(report) > 0,
      site: (site) => link.isUp && sites.push(site) > 0,
    },
  });
  opened.push(() => service.stop());
  const order = (scanId: string, ...ranges: string[]) => service.order(create(ScanOrderSchema, { scanId, ranges }));
  return { service, reports, sites, link, order };
}

async function until(holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!holds() && performance.now() < deadlineMs) await Bun.sleep(10);
  expect(holds()).toBe(true);
}

test("an order outside of what the site allows is refused, and so is every order where it allows nothing", () => {
  const some = discovery(["127.5.0.0/24"]);
  some.order("a", "127.5.0.1", "127.6.0.1");
  expect(some.reports).toMatchObject([
    { scanId: "a", part: 0, end: { state: ScanState.REFUSED, reason: expect.stringContaining("127.6.0.1") } },
  ]);
  const none = discovery([]);
  none.order("b", "127.5.0.1");
  none.service.connected();
  expect(none.reports.at(0)?.end).toMatchObject({ state: ScanState.REFUSED });
  expect(none.sites).toEqual([]);
});

test("one scan at a time: the same order is the same scan, another is refused, and a cancel ends it", async () => {
  const { service, reports, order } = discovery(["127.5.0.0/24"]);
  order("a", "127.5.0.0/25");
  order("a", "127.5.0.0/25");
  order("b", "127.5.0.1");
  expect(reports.map(({ scanId, end }) => [scanId, end?.state])).toEqual([["b", ScanState.REFUSED]]);
  service.cancel("another");
  service.cancel("a");
  await until(() => reports.length === 2);
  expect(reports[1]).toMatchObject({ scanId: "a", end: { state: ScanState.CANCELLED } });
});

test("a result waits for the hub, is sent anew with each connection, and forgotten once it is acknowledged", async () => {
  const { service, reports, sites, link, order } = discovery(["127.5.0.0/24"]);
  link.isUp = false;
  order("a", "127.5.0.1");
  await Bun.sleep(800);
  link.isUp = true;
  service.connected();
  service.connected();
  expect(reports.map(({ scanId, end }) => [scanId, end?.state])).toEqual([
    ["a", ScanState.FINISHED],
    ["a", ScanState.FINISHED],
  ]);
  order("a", "127.5.0.1");
  service.acked(create(ScanReportAckSchema, { scanId: "a", part: 0 }));
  service.connected();
  expect(reports).toHaveLength(2);
  const { version, yaml = "" } = sites.at(-1) ?? {};
  expect(version).toBe(4);
  expect(yaml).toContain("credential: read-only");
  expect(yaml).not.toContain("secret-word");
});

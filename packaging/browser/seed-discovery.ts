import { create } from "@bufbuild/protobuf";
import { recordScanProgress, recordScanReport, recordSiteConfig, startScan } from "@watchpost/hub/discovery/index.ts";
import { contextFor } from "@watchpost/hub/hub.ts";
import type { WebDependencies } from "@watchpost/hub/web/dependencies.ts";
import {
  DiscoveredDeviceSchema,
  ScanEndSchema,
  ScanProgressSchema,
  ScanReportSchema,
  ScanState,
  SiteConfigSchema,
} from "@watchpost/proto";
import { HOSTILE, type SeededSite } from "./seed.ts";

const RANGE = "192.0.2.0/24";

const found = (number: number, sysName: string, credential: string) =>
  create(DiscoveredDeviceSchema, {
    key: `serial/${number}`,
    address: `192.0.2.${number}`,
    port: 161,
    credential,
    sysName,
    vendor: "Acme",
    model: number === 9 ? HOSTILE : "S4800",
    serial: `AC${number}X`,
    answeredAt: [`192.0.2.${number}`, ...(number === 7 ? ["198.51.100.7"] : [])],
  });

/** A finished scan with what it found, one device of it no credential fits, and a scan that is under way. */
export async function seedDiscovery({ hub, links }: WebDependencies, at: SeededSite): Promise<void> {
  const source = { collectorId: at.collectorId, siteId: at.siteId, site: at.name };
  const ctx = contextFor(hub, { kind: "system" });
  const order = { collectorId: at.collectorId, ranges: [RANGE] };
  const { id: scanId } = await startScan(ctx, links, order);
  const progress = { addressesTotal: 254, addressesDone: 254, devicesFound: 3, packetsSent: 1_900n };
  await recordScanProgress(hub, source, create(ScanProgressSchema, { scanId, ...progress }));
  const devices = [found(7, "edge-sw7", "read-only"), found(8, "edge-sw8", "read-only"), found(9, HOSTILE, "")];
  const end = create(ScanEndSchema, { state: ScanState.FINISHED });
  await recordScanReport(hub, source, create(ScanReportSchema, { scanId, devices, end }));
  await recordSiteConfig(hub, source, create(SiteConfigSchema, { version: 0, yaml: "devices: []\n" }));
  const { id: openId } = await startScan(ctx, links, { ...order, ranges: ["203.0.113.0/24"] });
  const under = { addressesTotal: 254, addressesDone: 97, devicesFound: 1, packetsSent: 700n };
  await recordScanProgress(hub, source, create(ScanProgressSchema, { scanId: openId, ...under }));
}

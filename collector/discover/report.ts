import { create } from "@bufbuild/protobuf";
import {
  Confidence,
  type DiscoveredDevice,
  DiscoveredDeviceSchema,
  DiscoveredLinkSchema,
  type DiscoveredLink,
  ScanEndSchema,
  type ScanProgress,
  ScanProgressSchema,
  type ScanReport,
  ScanReportSchema,
  ScanState,
} from "@watchpost/proto";
import type { FoundDevice, FoundHost, FoundLink } from "./found.ts";
import type { Progress, ScanResult } from "./scan.ts";

const DEVICES_A_PART_MAX = 50;
const LINKS_A_PART_MAX = 500;
const ADDRESSES_MAX = 256;
const REASONS_MAX = 16;

const CONFIDENCE = { low: Confidence.LOW, medium: Confidence.MEDIUM, high: Confidence.HIGH } as const;

/** Name of the configured device at an address and port; undefined where none is. */
export type Configured = (endpoint: { address: string; port: number }) => string | undefined;

/** The whole result in parts of bounded size, the last of which says how it ended. */
export function reportOf(scanId: string, result: ScanResult, configured: Configured): ScanReport[] {
  const devices = [
    ...result.devices.map((device) => deviceOf(device, configured)),
    // What answers an echo alone is mostly somebody's desk: it would bury what a person should decide on.
    ...result.hosts.filter(({ hasAgent, openPorts }) => hasAgent || openPorts.length > 0).map(hostOf),
  ];
  const links = result.links.map(linkOf);
  const count = Math.max(1, Math.ceil(devices.length / DEVICES_A_PART_MAX), Math.ceil(links.length / LINKS_A_PART_MAX));
  return Array.from({ length: count }, (_, part) =>
    create(ScanReportSchema, {
      scanId,
      part,
      devices: devices.slice(part * DEVICES_A_PART_MAX, (part + 1) * DEVICES_A_PART_MAX),
      links: links.slice(part * LINKS_A_PART_MAX, (part + 1) * LINKS_A_PART_MAX),
      ...(part === count - 1 ? { end: endOf(scanId, result) } : {}),
    }),
  );
}

function endOf(scanId: string, { kind, progress }: ScanResult) {
  const state = kind === "finished" ? ScanState.FINISHED : ScanState.CANCELLED;
  const reason = kind === "finished" ? "" : `cancelled after ${progress.done} of ${progress.addresses} addresses`;
  return create(ScanEndSchema, { state, reason, totals: progressOf(scanId, progress) });
}

/** For a scan of which nothing is told but how it ended. */
export function endReport(scanId: string, state: ScanState, reason: string): ScanReport {
  return create(ScanReportSchema, { scanId, part: 0, end: create(ScanEndSchema, { state, reason }) });
}

export function progressOf(scanId: string, progress: Progress): ScanProgress {
  return create(ScanProgressSchema, {
    scanId,
    addressesTotal: progress.addresses,
    addressesDone: progress.done,
    devicesFound: progress.answered,
    packetsSent: BigInt(progress.packets),
  });
}

function deviceOf({ key, main, members, confidence, reasons }: FoundDevice, configured: Configured): DiscoveredDevice {
  const { startedAtMs: _startedAtMs, ...identity } = main.identity;
  const known = members.map((member) => configured(member)).find((name) => name !== undefined);
  return create(DiscoveredDeviceSchema, {
    ...identity,
    engineId: firstOf(members.map((m) => m.identity.engineId)),
    key,
    address: main.address,
    port: main.port,
    credential: main.credential,
    configuredAs: known ?? "",
    answeredAt: members.map(({ address }) => address).slice(0, ADDRESSES_MAX),
    addresses: [...new Set(members.flatMap(({ addresses }) => addresses))].slice(0, ADDRESSES_MAX),
    openPorts: [...new Set(members.flatMap(({ openPorts }) => openPorts))],
    mergeConfidence: confidence === undefined ? Confidence.UNSPECIFIED : CONFIDENCE[confidence],
    mergeReasons: reasons.slice(0, REASONS_MAX),
  });
}

function firstOf(texts: readonly string[]): string {
  return texts.find((text) => text !== "") ?? "";
}

function hostOf({ address, openPorts }: FoundHost): DiscoveredDevice {
  return create(DiscoveredDeviceSchema, { key: `host/${address}`, address, answeredAt: [address], openPorts });
}

function linkOf({ a, b, confidence, protocols, reason }: FoundLink): DiscoveredLink {
  return create(DiscoveredLinkSchema, { a, b, protocols, reason, confidence: CONFIDENCE[confidence] });
}

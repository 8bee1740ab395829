import { isIP } from "node:net";
import { type Device, DeviceState, type Interface, type Neighbour } from "@watchpost/proto";
import { boundedText } from "../bounded-text.ts";
import type { DeviceStateName, InterfaceView } from "./view.ts";

const NAME_LENGTH_MAX = 63;
const TEXT_LENGTH_MAX = 255;
const DESCRIPTION_LENGTH_MAX = 1_000;
const INTERFACES_MAX = 4_096;
const NEIGHBOURS_MAX = 1_024;
const INT32_MAX = 2_147_483_647;
/** ifAdminStatus and ifOperStatus: unknown. */
const STATUS_UNKNOWN = 4;

export interface NeighbourReport {
  localPort: string;
  remoteSystem: string;
  remotePort: string;
  protocol: string;
}

/** What the device said of itself; absent until it has answered once since the collector's start. */
export interface DeviceFacts {
  sysName: string;
  sysDescr: string;
  sysObjectId: string;
  vendor: string;
  model: string;
  osVersion: string;
  serial: string;
  interfaces: InterfaceView[];
  neighbours: NeighbourReport[];
}

export interface DeviceReport {
  name: string;
  ipAddress: string;
  role: string;
  state: DeviceStateName;
  stateSince: Date | null;
  /** Undefined before the first poll since the collector's start. */
  polledAt: Date | undefined;
  facts: DeviceFacts | undefined;
}

export type ParsedReport = { kind: "report"; report: DeviceReport } | { kind: "refused"; reason: string };

/** One device of an inventory message, bounded; `nowMs` caps times from a site clock that runs ahead. */
export function parseReport(device: Device, nowMs: number): ParsedReport {
  const name = boundedText(device.name, NAME_LENGTH_MAX + 1);
  if (name === "" || name.length > NAME_LENGTH_MAX) {
    return { kind: "refused", reason: `device name "${name}": 1 to ${NAME_LENGTH_MAX} characters are allowed` };
  }
  if (isIP(device.address) === 0 || device.address.includes("%")) {
    const shown = boundedText(device.address, 60);
    return { kind: "refused", reason: `device ${name}: "${shown}" is not an IP address` };
  }
  return {
    kind: "report",
    report: {
      name,
      ipAddress: device.address,
      role: boundedText(device.role, NAME_LENGTH_MAX),
      state: stateName(device.state),
      stateSince: device.stateSinceMs > 0n ? dateAtMost(device.stateSinceMs, nowMs) : null,
      polledAt: device.polledAtMs > 0n ? dateAtMost(device.polledAtMs, nowMs) : undefined,
      facts: hasAnswered(device) ? factsOf(device) : undefined,
    },
  };
}

/** A device that does not answer is listed with its name and address alone; what is known of it stays. */
function hasAnswered({ sysName, sysDescr, sysObjectId, interfaces }: Device): boolean {
  return sysName !== "" || sysDescr !== "" || sysObjectId !== "" || interfaces.length > 0;
}

function factsOf(device: Device): DeviceFacts {
  return {
    sysName: boundedText(device.sysName, TEXT_LENGTH_MAX),
    sysDescr: boundedText(device.sysDescr, DESCRIPTION_LENGTH_MAX),
    sysObjectId: boundedText(device.sysObjectId, TEXT_LENGTH_MAX),
    vendor: boundedText(device.vendor, TEXT_LENGTH_MAX),
    model: boundedText(device.model, TEXT_LENGTH_MAX),
    osVersion: boundedText(device.osVersion, TEXT_LENGTH_MAX),
    serial: boundedText(device.serial, TEXT_LENGTH_MAX),
    interfaces: withUniqueNames(device.interfaces.slice(0, INTERFACES_MAX).map(interfaceOf)),
    neighbours: distinct(device.neighbours.slice(0, NEIGHBOURS_MAX).map(neighbourOf)),
  };
}

function interfaceOf(row: Interface): InterfaceView {
  return {
    ifIndex: int32(row.ifIndex, INT32_MAX),
    name: boundedText(row.name, TEXT_LENGTH_MAX) || `if${row.ifIndex}`,
    alias: boundedText(row.alias, TEXT_LENGTH_MAX),
    type: int32(row.type, 0),
    mac: boundedText(row.mac, TEXT_LENGTH_MAX),
    speedBps: Number(row.speedBps > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : row.speedBps),
    adminStatus: int32(row.adminStatus, STATUS_UNKNOWN),
    operStatus: int32(row.operStatus, STATUS_UNKNOWN),
  };
}

/** Some devices give one name to two interfaces: the later ones get their index behind it. */
function withUniqueNames(rows: InterfaceView[]): InterfaceView[] {
  const byName = new Map<string, InterfaceView>();
  for (const row of rows) {
    const name = byName.has(row.name) ? `${row.name}#${row.ifIndex}` : row.name;
    if (!byName.has(name)) byName.set(name, { ...row, name });
  }
  return [...byName.values()];
}

function neighbourOf(row: Neighbour): NeighbourReport {
  return {
    localPort: boundedText(row.localPort, TEXT_LENGTH_MAX),
    remoteSystem: boundedText(row.remoteSystem, TEXT_LENGTH_MAX),
    remotePort: boundedText(row.remotePort, TEXT_LENGTH_MAX),
    protocol: boundedText(row.protocol, TEXT_LENGTH_MAX),
  };
}

function distinct(rows: NeighbourReport[]): NeighbourReport[] {
  const named = rows.filter((row) => row.remoteSystem !== "");
  return [...new Map(named.map((row) => [neighbourKey(row), row])).values()];
}

/** What makes a neighbour row of one device the same row next time. */
export function neighbourKey(row: Omit<NeighbourReport, "protocol">): string {
  return JSON.stringify([row.localPort, row.remoteSystem, row.remotePort]);
}

function stateName(state: DeviceState): DeviceStateName {
  switch (state) {
    case DeviceState.UP:
      return "up";
    case DeviceState.DOWN:
      return "down";
    case DeviceState.UNSPECIFIED:
      return "unknown";
  }
  return "unknown";
}

function int32(value: number, otherwise: number): number {
  return value <= INT32_MAX ? value : otherwise;
}

function dateAtMost(ms: bigint, nowMs: number): Date {
  return new Date(Math.min(Number(ms), nowMs));
}

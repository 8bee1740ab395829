import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DeviceSchema } from "@watchpost/proto";
import type { DeviceConfig } from "../config/index.ts";
import type { Answered, InterfaceReading } from "../poll/reading.ts";
import { tame } from "../rule/index.ts";

const NAME_CHARS_MAX = 255;
const DESCRIPTION_CHARS_MAX = 512;
const INTERFACES_MAX = 4_096;
const NEIGHBOURS_MAX = 1_024;
const UINT32_MAX = 0xffff_ffff;

export type DeviceFields = Extract<MessageInitShape<typeof DeviceSchema>, { $typeName?: never }>;

/** The device as the contract describes one, every text bounded. */
export function describeDevice(config: DeviceConfig, answered: Answered): DeviceFields {
  const { system } = answered;
  return {
    name: config.name,
    address: config.address,
    role: config.role,
    sysName: tame(system.name, NAME_CHARS_MAX),
    sysDescr: tame(system.description, DESCRIPTION_CHARS_MAX),
    sysObjectId: tame(system.objectId, NAME_CHARS_MAX),
    vendor: tame(system.vendor, NAME_CHARS_MAX),
    model: tame(system.model, NAME_CHARS_MAX),
    osVersion: tame(system.osVersion, NAME_CHARS_MAX),
    serial: tame(system.serial, NAME_CHARS_MAX),
    interfaces: answered.interfaces.slice(0, INTERFACES_MAX).map(describeInterface),
    neighbours: answered.neighbours.slice(0, NEIGHBOURS_MAX).map((neighbour) => ({
      localPort: tame(neighbour.localPort, NAME_CHARS_MAX),
      remoteSystem: tame(neighbour.remoteSystem, NAME_CHARS_MAX),
      remotePort: tame(neighbour.remotePort, NAME_CHARS_MAX),
      protocol: neighbour.protocol,
    })),
  };
}

function describeInterface(port: InterfaceReading): NonNullable<DeviceFields["interfaces"]>[number] {
  return {
    ifIndex: uint32(port.index),
    name: tame(port.name, NAME_CHARS_MAX),
    alias: tame(port.alias, NAME_CHARS_MAX),
    type: uint32(port.type),
    mac: tame(port.mac, NAME_CHARS_MAX),
    speedBps: BigInt(Math.max(0, Math.round(Number.isFinite(port.speedBps) ? port.speedBps : 0))),
    adminStatus: uint32(port.adminStatus),
    operStatus: uint32(port.operStatus),
  };
}

/** An agent may answer nonsense; the contract's fields cannot hold it. */
function uint32(value: number): number {
  return Number.isFinite(value) ? Math.min(UINT32_MAX, Math.max(0, Math.trunc(value))) : 0;
}

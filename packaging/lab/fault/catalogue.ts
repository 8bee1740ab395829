import { configChange, deviceDown, reboot, renumber, slowAgent } from "./device.ts";
import { cpuHigh, diskFilling, fanFailure, memoryLeak, psuFailure } from "./health.ts";
import { FAULT_NAMES, type FaultKind, type FaultName } from "./kind.ts";
import { interfaceErrors, linkDown, linkFlap } from "./link.ts";
import { uplinkCut } from "./uplink.ts";

export const FAULTS: Record<FaultName, FaultKind> = {
  "device-down": deviceDown,
  "link-down": linkDown,
  "link-flap": linkFlap,
  "interface-errors": interfaceErrors,
  "cpu-high": cpuHigh,
  "memory-leak": memoryLeak,
  "disk-filling": diskFilling,
  "fan-failure": fanFailure,
  "psu-failure": psuFailure,
  "config-change": configChange,
  "slow-agent": slowAgent,
  reboot,
  renumber,
  "uplink-cut": uplinkCut,
};

export function isFaultName(name: string): name is FaultName {
  return FAULT_NAMES.some((known) => known === name);
}

import { Severity } from "@watchpost/proto";
import type { DeviceConfig, RuleConfig } from "../config/index.ts";
import type { InterfaceReading } from "../poll/reading.ts";

type Role = DeviceConfig["role"];

const CARRIES_OTHERS = new Set<Role>(["core", "distribution", "router", "firewall"]);
const INNERMOST = new Set<Role>(["core", "router", "firewall"]);

/** IANAifType of what has no cable: propVirtual, tunnel, l2vlan, l3ipvlan, bridge. */
const VIRTUAL_TYPES = new Set([53, 131, 135, 136, 209]);

export const SEVERITY_OF: Record<RuleConfig["severity"], Severity> = {
  info: Severity.INFO,
  warning: Severity.WARNING,
  error: Severity.ERROR,
  critical: Severity.CRITICAL,
};

export const SEVERITY_NAMES: Record<Severity, RuleConfig["severity"]> = {
  [Severity.UNSPECIFIED]: "info",
  [Severity.INFO]: "info",
  [Severity.WARNING]: "warning",
  [Severity.ERROR]: "error",
  [Severity.CRITICAL]: "critical",
};

export function deviceDownSeverity(role: Role): Severity {
  if (CARRIES_OTHERS.has(role)) return Severity.CRITICAL;
  return role === "access-point" ? Severity.WARNING : Severity.ERROR;
}

/** A link between devices matters by what they are; a port with nothing known behind it by where it is. */
export function interfaceDownSeverity(
  role: Role,
  port: InterfaceReading,
  neighbour: { role: Role } | undefined,
): Severity {
  if (neighbour) {
    if (INNERMOST.has(role) || INNERMOST.has(neighbour.role)) return Severity.CRITICAL;
    return neighbour.role === "access-point" ? Severity.WARNING : Severity.ERROR;
  }
  if (VIRTUAL_TYPES.has(port.type)) return Severity.INFO;
  if (CARRIES_OTHERS.has(role)) return Severity.ERROR;
  return port.alias === "" ? Severity.INFO : Severity.WARNING;
}

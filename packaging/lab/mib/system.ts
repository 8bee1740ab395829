import { type MibBuilder, value } from "../agent/index.ts";
import type { Device } from "../device/index.ts";

const SYSTEM = "1.3.6.1.2.1.1";
const SNMP_ENGINE = "1.3.6.1.6.3.10.2.1";
/** Layer-2 and layer-3 forwarding, or an end system (RFC 3418 sysServices). */
const SERVICES: Record<string, number> = { router: 78, firewall: 78, server: 72, ups: 72 };

/** SNMPv2-MIB system group and SNMP-FRAMEWORK-MIB engine group. */
export function addSystem(mib: MibBuilder, device: Device): void {
  mib.scalar(`${SYSTEM}.1`, value.octets(device.model.description));
  mib.scalar(`${SYSTEM}.2`, value.objectId(device.model.objectId));
  mib.scalar(
    `${SYSTEM}.3`,
    value.timeTicks((nowMs) => device.uptimeTicks(nowMs)),
  );
  mib.scalar(`${SYSTEM}.4`, value.octets("network operations"));
  mib.scalar(`${SYSTEM}.5`, value.octets(device.name));
  mib.scalar(`${SYSTEM}.6`, value.octets("harbor site, simulated"));
  mib.scalar(`${SYSTEM}.7`, value.integer(SERVICES[device.plan.role] ?? 6));

  mib.scalar(`${SNMP_ENGINE}.1`, value.octets(device.engineId));
  mib.scalar(`${SNMP_ENGINE}.2`, value.integer(device.boot.engineBoots));
  mib.scalar(
    `${SNMP_ENGINE}.3`,
    value.integer((nowMs) => Math.floor(device.uptimeTicks(nowMs) / 100)),
  );
  mib.scalar(`${SNMP_ENGINE}.4`, value.integer(1_472));
}

import { encodeTrap, type Notification, type NotificationSecurity, value } from "../agent/index.ts";
import type { Device, SiteEvent } from "../device/index.ts";

const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IF_NAME = "1.3.6.1.2.1.31.1.1.1.1";
const COLD_START = 1;
const LINK_DOWN = 3;
const LINK_UP = 4;

/** The event as a trap of its device; undefined for events that have no standard trap. */
export function trapOf(
  event: SiteEvent,
  options: { security: NotificationSecurity; nowMs: number; requestId: number },
): Uint8Array | undefined {
  const parts = partsOf(event);
  if (!parts) return undefined;
  const notification: Notification = {
    ...parts,
    uptimeTicks: event.device.uptimeTicks(options.nowMs) % 0x1_0000_0000,
    enterprise: event.device.model.objectId,
    agentAddress: event.device.address,
  };
  return encodeTrap(notification, options.security, options.requestId);
}

function partsOf(event: SiteEvent): Pick<Notification, "generic" | "bindings"> | undefined {
  switch (event.kind) {
    case "link":
      return { generic: event.up ? LINK_UP : LINK_DOWN, bindings: linkBindings(event) };
    case "cold-start":
      return { generic: COLD_START, bindings: [] };
    case "config-changed":
    case "fan":
    case "power-supply":
      return undefined;
  }
}

function linkBindings({ port, up }: Extract<SiteEvent, { kind: "link" }>): Notification["bindings"] {
  return [
    { oid: `${IF_ENTRY}.1.${port.index}`, value: value.integer(port.index) },
    { oid: `${IF_ENTRY}.7.${port.index}`, value: value.integer(port.adminUp ? 1 : 2) },
    { oid: `${IF_ENTRY}.8.${port.index}`, value: value.integer(up ? 1 : 2) },
    { oid: `${IF_NAME}.${port.index}`, value: value.octets(port.name) },
  ];
}

/** Who the device's traps come from: asked for each trap, since a restart changes the engine's boots. */
export type SecurityOf = (device: Device) => NotificationSecurity;

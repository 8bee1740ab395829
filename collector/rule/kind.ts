import { EventKind } from "@watchpost/proto";

/** The names that fingerprints, the hub's database and people use. */
const KIND_NAMES: Record<EventKind, string> = {
  [EventKind.UNSPECIFIED]: "unspecified",
  [EventKind.DEVICE_DOWN]: "device-down",
  [EventKind.INTERFACE_DOWN]: "interface-down",
  [EventKind.THRESHOLD]: "threshold",
  [EventKind.COUNTER_RESET]: "counter-reset",
  [EventKind.DEVICE_REBOOT]: "device-reboot",
  [EventKind.SENSOR]: "sensor",
  [EventKind.CONFIG_CHANGE]: "config-change",
  [EventKind.INTERFACE_RENUMBERED]: "interface-renumbered",
  [EventKind.DEVICE_SLOW]: "device-slow",
  [EventKind.INTERFACE_FLAPPING]: "interface-flapping",
  [EventKind.TRAP]: "trap",
  [EventKind.SYSLOG]: "syslog",
  [EventKind.VERDICT]: "verdict",
  [EventKind.GAP]: "gap",
};

export interface Subject {
  kind: EventKind;
  device: string;
  object?: string;
  rule?: string;
}

/** kind/device[/object[/rule]]: the same for the start, the repeats and the end of one problem. */
export function fingerprintOf({ kind, device, object = "", rule = "" }: Subject): string {
  const tail = rule !== "" ? [object, rule] : object !== "" ? [object] : [];
  return [KIND_NAMES[kind], device, ...tail].join("/");
}

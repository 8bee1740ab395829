import type { NEIGHBOUR_PROTOCOLS, SENSOR_CLASSES } from "../profile/index.ts";

/** What one poll learnt of one device, decoded: the input of sample/ (numbers) and of rule/ (judgement). */
export type Reading = Answered | Unanswered;

export interface Unanswered {
  kind: "unanswered";
  device: string;
  takenAtMs: number;
  durationMs: number;
  /** "timeout": nothing came. "refused": ICMP said no. "unauthenticated": v3 reports. "garbage": only malformed replies. */
  reason: "timeout" | "refused" | "unauthenticated" | "garbage";
  /** What ping says of the host behind a silent agent; not there when nobody asked. */
  hostAnswers?: boolean;
  /** For a person: what, numbers, next step. */
  message: string;
}

export interface Answered {
  kind: "answered";
  device: string;
  takenAtMs: number;
  durationMs: number;
  requests: number;
  /** Name of the profile that the device was read by. */
  profile?: string;
  /** Why this reading is not the whole, when it is not: what it lacks then says nothing. */
  incomplete?: string;
  system: SystemReading;
  /** "none", or why every counter starts anew with this reading. */
  discontinuity: "none" | "first-poll" | "reboot";
  /**
   * From poll to poll the same array when every interface has kept its place, name and counters: then its objects are
   * the same too, and hold the numbers of the latest poll. Copy what must outlive `onReading`.
   */
  interfaces: InterfaceReading[];
  /** Interfaces whose ifIndex changed since the last poll while their name stayed. */
  renumbered: { name: string; fromIndex: number; toIndex: number }[];
  processors: { name: string; usageRatio: number }[];
  storages: StorageReading[];
  sensors: SensorReading[];
  neighbours: {
    localPort: string;
    remoteSystem: string;
    /** Empty where the protocol does not tell. */
    remotePort: string;
    protocol: "lldp" | "cdp" | (typeof NEIGHBOUR_PROTOCOLS)[number];
  }[];
  /** IP addresses of the device, with the ifIndex that has them. */
  addresses: { address: string; interfaceIndex: number }[];
  /** Anything else a profile reads: Prometheus name, labels without device, value. */
  metrics: { name: string; labels: Record<string, string>; value: number }[];
}

export interface SystemReading {
  /** TimeTicks, hundredths of a second, as read. */
  uptimeTicks: number;
  name: string;
  description: string;
  objectId: string;
  vendor: string;
  model: string;
  os: string;
  osVersion: string;
  serial: string;
}

export interface InterfaceReading {
  index: number;
  /** ifName, else ifDescr, made unique by the index when two share it. Identity of the series. */
  name: string;
  alias: string;
  type: number;
  mac: string;
  speedBps: number;
  adminStatus: number;
  operStatus: number;
  /**
   * Raw counters by metric name (if_in_octets_total …), exact: a bigint where a number would not be. Made when they are
   * asked for: `counterColumnsOf` serves who wants all of them.
   */
  counters: { metric: string; raw: number | bigint; bits: 32 | 64 }[];
  /** ifCounterDiscontinuityTime, TimeTicks; 0 when the agent has none. */
  discontinuityTicks: number;
}

export interface StorageReading {
  name: string;
  kind: "memory" | "disk" | "other";
  usedBytes: number;
  sizeBytes: number;
}

export interface SensorReading {
  class: (typeof SENSOR_CLASSES)[number];
  name: string;
  /** Base unit (celsius, rpm, volts, ratio …); null for a state alone. */
  value: number | null;
  unit: string;
  state: "ok" | "warning" | "failed" | "unknown";
}

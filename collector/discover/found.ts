import type { SnmpCredential } from "../device/snmp/index.ts";

export type Confidence = "low" | "medium" | "high";

export interface Port {
  index: number;
  name: string;
  /** ifDescr, which other devices may call the port by. */
  description: string;
  alias: string;
  mac: string;
}

/** Whom a port hears by LLDP or CDP, as its device tells. */
export interface Heard {
  protocol: "lldp" | "cdp";
  localPort: string;
  remoteChassis: string;
  remoteSystem: string;
  remoteAddress: string;
  /** What the far end may call its port: id and description. */
  remotePorts: string[];
}

export interface Identity {
  sysName: string;
  sysDescr: string;
  sysObjectId: string;
  vendor: string;
  model: string;
  osVersion: string;
  serial: string;
  /** Hex digits. */
  engineId: string;
  /** A MAC address, or what the device calls its chassis. */
  chassisId: string;
  profile: string;
  /** When the agent started, by its uptime; undefined where it does not tell. */
  startedAtMs: number | undefined;
}

/** What one address answered. */
export interface Examined {
  address: string;
  port: number;
  credential: SnmpCredential["name"];
  identity: Identity;
  ports: Port[];
  /** Addresses that the device says it has. */
  addresses: string[];
  heard: Heard[];
  /** Which address is behind which port, by the forwarding tables. */
  learned: { mac: string; port: string }[];
  /** Which IP address has which MAC address, as the device knows it. */
  resolved: { address: string; mac: string }[];
  openPorts: number[];
  /** Why the tables are not whole, or empty. */
  incomplete: string;
}

/** One device, however many of its addresses answered. */
export interface FoundDevice {
  key: string;
  /** The one to poll it at. */
  main: Examined;
  members: Examined[];
  confidence: Confidence | undefined;
  reasons: string[];
}

/** Something answers at the address, but no credential fits. */
export interface FoundHost {
  address: string;
  openPorts: number[];
  /** An SNMP agent answered and rejected every credential. */
  hasAgent: boolean;
  answersEcho: boolean;
}

export interface LinkEnd {
  /** FoundDevice.key; empty when the far end was not found. */
  deviceKey: string;
  system: string;
  port: string;
}

export interface FoundLink {
  a: LinkEnd;
  b: LinkEnd;
  confidence: Confidence;
  protocols: string[];
  reason: string;
}

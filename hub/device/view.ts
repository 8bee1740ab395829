/** What pages and REST get to see of sites, collectors and devices. */

export type DeviceStateName = "up" | "down" | "unknown";
export type CollectorStatus = "streaming" | "disconnected" | "revoked";

export interface DeviceSummary {
  id: string;
  name: string;
  site: string;
  siteId: string;
  ipAddress: string;
  role: string;
  vendor: string;
  model: string;
  state: DeviceStateName;
  stateSince: Date | undefined;
  /** As its collector last told; inventory comes when something changes, not with every poll. */
  lastPolledAt: Date | undefined;
  collectorId: string | undefined;
  groupId: string | undefined;
  group: string | undefined;
  /** False once the collector's listing no longer names it. */
  configured: boolean;
}

export interface DeviceDetails extends DeviceSummary {
  sysName: string;
  sysDescr: string;
  sysObjectId: string;
  osVersion: string;
  serial: string;
  collector: string | undefined;
  interfaces: InterfaceView[];
  links: LinkView[];
}

export interface InterfaceView {
  ifIndex: number;
  name: string;
  alias: string;
  type: number;
  mac: string;
  speedBps: number;
  /** IF-MIB numbers (RFC 2863). */
  adminStatus: number;
  operStatus: number;
}

/** One neighbour, as this device reports it. */
export interface LinkView {
  localPort: string;
  remoteSystem: string;
  remotePort: string;
  protocol: string;
  /** Set when the remote system is a device of the same site. */
  remoteDeviceId: string | undefined;
  remoteDevice: string | undefined;
}

export interface DevicePage {
  devices: DeviceSummary[];
  /** Give it back as `cursor` for the next page; undefined on the last. */
  nextCursor: string | undefined;
}

export interface SiteSummary {
  id: string;
  name: string;
  title: string;
  collectors: number;
  collectorsStreaming: number;
  devices: number;
  devicesDown: number;
  devicesUp: number;
}

export interface PushedConfig {
  version: number;
  /** pushed: the collector has not answered yet. */
  state: "pushed" | "applied" | "refused";
  /** Why it was refused. */
  reason: string;
}

export interface CollectorSummary {
  id: string;
  name: string;
  site: string;
  siteId: string;
  version: string;
  status: CollectorStatus;
  enrolledAt: Date;
  lastSeenAt: Date | undefined;
  certificateNotAfter: Date;
  /** Site clock minus hub clock. */
  clockOffsetMs: number | undefined;
  samplesPending: number | undefined;
  eventsPending: number | undefined;
  allowedScripts: string[];
  /** In force; 0 is its own file. */
  configVersion: number;
  /** The newest one that the hub pushed. */
  pushedConfig: PushedConfig | undefined;
  devices: number;
}

export interface DeviceGroup {
  id: string;
  name: string;
  description: string;
  devices: number;
}

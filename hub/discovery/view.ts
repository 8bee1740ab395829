/** What pages and REST get to see of scans and of what they found. */

export const SCAN_STATUSES = ["requested", "running", "finished", "cancelled", "refused", "failed", "expired"] as const;
export type ScanStatus = (typeof SCAN_STATUSES)[number];

export const PROPOSAL_STATUSES = ["pending", "known", "accepted", "rejected"] as const;
export type ProposalStatus = (typeof PROPOSAL_STATUSES)[number];

export type Confidence = "low" | "medium" | "high";

export interface Scan {
  id: string;
  site: string;
  collector: { id: string; name: string };
  ranges: string[];
  status: ScanStatus;
  /** Why it was refused, cancelled or failed. */
  reason: string;
  addressesTotal: number;
  addressesDone: number;
  devicesFound: number;
  packetsSent: number;
  /** A person asked for its end; the collector has not said yet that it ended. */
  isCancelling: boolean;
  requestedBy: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface ScanLinkEnd {
  /** Undefined when the scan did not find this end. */
  proposalId: string | undefined;
  system: string;
  port: string;
}

export interface ScanLink {
  a: ScanLinkEnd;
  b: ScanLinkEnd;
  confidence: Confidence;
  protocols: string[];
  reason: string;
}

export interface ScanDetail extends Scan {
  links: ScanLink[];
}

export interface Proposal {
  id: string;
  site: string;
  collector: { id: string; name: string };
  scanId: string;
  /** known: the collector has it configured already. */
  status: ProposalStatus;
  /** Where it would be polled. */
  address: string;
  port: number;
  /** Name of the site's credential; empty when none fits: then it cannot be accepted. */
  credential: string;
  /** What it would be called. */
  suggestedName: string;
  /** What it is called, once it is a device. */
  deviceName: string;
  sysName: string;
  sysDescr: string;
  sysObjectId: string;
  vendor: string;
  model: string;
  osVersion: string;
  serial: string;
  engineId: string;
  chassisId: string;
  profile: string;
  answeredAt: string[];
  addresses: string[];
  openPorts: number[];
  /** Why several addresses are held to be one device. */
  merge: { confidence: Confidence | null; reasons: string[] };
  /** The configuration that added it, and what the collector said to it. */
  config: { version: number; state: "pushed" | "applied" | "refused"; reason: string } | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  reason: string;
  firstSeenAt: Date;
  lastSeenAt: Date;
}

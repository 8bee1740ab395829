import type { Diagnosis } from "../assistant/diagnosis.ts";

export const SEVERITIES = ["info", "warning", "error", "critical"] as const;
export type SeverityName = (typeof SEVERITIES)[number];

export const INCIDENT_STATUSES = ["new", "acknowledged", "in_progress", "resolved", "silenced"] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

export const PRIORITIES = ["P0", "P1", "P2", "P3"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** An incident as lists show it. */
export interface Incident {
  id: string;
  /** INC-<number> for people. */
  number: number;
  site: string | null;
  siteId: string | null;
  device: string | null;
  deviceId: string | null;
  /** Names device and fault: "core-sw1 uplink Te1/1 down". */
  title: string;
  severity: SeverityName;
  priority: Priority;
  status: IncidentStatus;
  /** When a silenced incident comes back; null for any other. */
  silencedUntil: Date | null;
  fingerprint: string;
  eventCount: number;
  /** Problems that still stand. */
  openCount: number;
  deviceCount: number;
  /** Id of the incident that took over, when this one turned out to have the same cause. */
  mergedInto: string | null;
  assignee: { id: string; name: string } | null;
  /** Hand it back with a change to be refused when somebody was faster. */
  revision: number;
  createdAt: Date;
  lastEventAt: Date;
  acknowledgedAt: Date | null;
  resolvedAt: Date | null;
  updatedAt: Date;
}

/** One problem of an incident: all events of one fingerprint. */
export interface IncidentProblem {
  fingerprint: string;
  eventId: string;
  device: string;
  deviceId: string | null;
  object: string;
  kind: string;
  state: "firing" | "cleared" | "moment";
  severity: SeverityName;
  summary: string;
  explainedBy: string;
  count: number;
  firstObservedAt: Date;
  lastObservedAt: Date;
}

export interface TimelineEntry {
  id: string;
  kind: string;
  text: string;
  /** Null when the system did it. */
  user: { id: string; name: string } | null;
  details: Record<string, unknown>;
  at: Date;
}

export interface EvidenceRow {
  id: string;
  sessionId: string;
  tool: string;
  title: string;
  query: string;
  queryArguments: Record<string, unknown>;
  finding: string;
  result: unknown;
  severity: string;
  collectedAt: Date;
  durationMs: number;
}

export interface IncidentDetail {
  incident: Incident;
  /** The root first, then by the time each began; at most 500. */
  problems: IncidentProblem[];
  /** Oldest first; the newest 500. */
  timeline: TimelineEntry[];
  /** Of the newest analysis. */
  evidence: EvidenceRow[];
  /** The newest; null while the first runs. */
  diagnosis: Diagnosis | null;
}

export function severityRank(severity: SeverityName): number {
  return SEVERITIES.indexOf(severity);
}

export function worst(a: SeverityName, b: SeverityName): SeverityName {
  return severityRank(a) >= severityRank(b) ? a : b;
}

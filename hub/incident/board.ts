import type { IncidentChange } from "./announce.ts";
import type { IncidentStatus, Priority, SeverityName } from "./incident.ts";
import type { TimelineKind } from "./timeline.ts";
import type { Site } from "./topology.ts";

/** All events of one fingerprint inside one incident. */
export interface Problem {
  fingerprint: string;
  eventId: string;
  deviceId: string | null;
  device: string;
  object: string;
  kind: string;
  state: "firing" | "cleared" | "moment";
  severity: SeverityName;
  summary: string;
  explainedBy: string;
  count: number;
  firstObservedMs: number;
  lastObservedMs: number;
  changed: boolean;
}

/** An incident while a batch is applied to it. */
export interface BoardIncident {
  id: string;
  /** 0 until it is stored. */
  number: number;
  title: string;
  /** Fingerprint of the root problem. */
  root: string;
  deviceId: string | null;
  severity: SeverityName;
  priority: Priority;
  status: IncidentStatus;
  /** Null unless it is silenced. */
  silencedUntilMs: number | null;
  eventCount: number;
  deviceCount: number;
  revision: number;
  createdMs: number;
  lastEventMs: number;
  resolvedMs: number | null;
  mergedInto: string | null;
  problems: Map<string, Problem>;
  /** What people saw of it before this batch (seenOf); empty for a new one. */
  seenBefore: string;
  /** What this batch did; undefined when nothing. */
  change: IncidentChange | undefined;
  timeline: { kind: TimelineKind; text: string; details?: Record<string, unknown> }[];
}

/** What a site's batch works on: open incidents, those resolved a moment ago, and how the devices hang together. */
export interface Board {
  siteId: string | null;
  site: Site;
  nowMs: number;
  /** Open ones, and those resolved within the reopen window that this batch may concern. */
  incidents: Set<BoardIncident>;
}

/** What a person decides by: a change of it makes a decision on the old revision stale. */
export function seenOf({ title, severity, status }: Pick<BoardIncident, "title" | "severity" | "status">): string {
  return `${status}/${severity}/${title}`;
}

export function isOpen(incident: BoardIncident): boolean {
  return incident.status !== "resolved";
}

export function firingOf(incident: BoardIncident): Problem[] {
  return [...incident.problems.values()].filter((problem) => problem.state === "firing");
}

/** The open incident that holds this fingerprint, whether it stands or was cleared. */
export function holderOf(board: Board, fingerprint: string): BoardIncident | undefined {
  for (const incident of board.incidents) {
    if (isOpen(incident) && incident.problems.has(fingerprint)) return incident;
  }
  return undefined;
}

/** Changes are told in this order: the strongest of a batch wins. */
const STRENGTH: readonly (IncidentChange | undefined)[] = [undefined, "updated", "grown", "reopened", "opened"];

export function mark(incident: BoardIncident, change: "updated" | "grown" | "reopened" | "opened"): void {
  if (STRENGTH.indexOf(change) > STRENGTH.indexOf(incident.change)) incident.change = change;
}

import { type Board, type BoardIncident, firingOf, isOpen, type Problem } from "./board.ts";
import { cutOff, edgeAt, edgesOf, farEnd, type Site, upstreamOf } from "./topology.ts";

/** Two problems of neighbours have one cause when they began within this time: two polls of a minute, and retries. */
export const NEIGHBOUR_WINDOW_MS = 180_000;

/** Open incidents that have one cause with this problem. Several: the problem is what joins them. */
export function relatedIncidents(board: Board, incoming: Problem): BoardIncident[] {
  const relation = relationTo(board.site, incoming);
  return [...board.incidents].filter(
    (incident) => isOpen(incident) && (firingOf(incident).some(relation) || isAnnouncement(incident, incoming)),
  );
}

/** What a device said of itself, before or beside what was measured of it. */
export function isMessage({ kind }: Pick<Problem, "kind">): boolean {
  return kind === "trap" || kind === "syslog";
}

/** A trap or log line is often the first word of a fault that a poll then confirms: the two are one incident. */
function isAnnouncement(incident: BoardIncident, incoming: Problem): boolean {
  return [...incident.problems.values()].every(
    (problem) =>
      isMessage(problem) &&
      problem.device === incoming.device &&
      Math.abs(incoming.firstObservedMs - problem.lastObservedMs) <= NEIGHBOUR_WINDOW_MS,
  );
}

/** Built once a problem: what is cut off behind it is a walk over the site. */
function relationTo(site: Site, incoming: Problem): (other: Problem) => boolean {
  const behind = cutOffBy(site, incoming);
  return (other) => {
    if (other.fingerprint === incoming.explainedBy || incoming.fingerprint === other.explainedBy) return true;
    if (isLinkDown(incoming) && isLinkDown(other) && sameCable(site, incoming, other)) return true;
    if (Math.abs(incoming.firstObservedMs - other.firstObservedMs) > NEIGHBOUR_WINDOW_MS) return false;
    if (incoming.device === other.device && incoming.device !== "") return sameDevice(site, incoming, other);
    if (familyOf(site, incoming) !== "connection" || familyOf(site, other) !== "connection") return false;
    return (
      sameCable(site, incoming, other) ||
      sameFarDevice(site, incoming, other) ||
      (other.kind === "device-down" && behind.has(other.device)) ||
      (isLinkDown(other) && incoming.kind === "device-down" && cutOffBy(site, other).has(incoming.device)) ||
      (incoming.kind === "device-down" && other.kind === "device-down" && closeBy(site, incoming.device, other.device))
    );
  };
}

type Family = "connection" | "resource" | "environment" | "message";

export function familyOf(site: Site, { kind, device, object }: Pick<Problem, "kind" | "device" | "object">): Family {
  switch (kind) {
    case "device-down":
    case "device-slow":
    case "interface-down":
    case "interface-flapping":
    case "device-reboot":
      return "connection";
    case "sensor":
      return "environment";
    case "threshold":
      return edgeAt(site, device, object) ? "connection" : "resource";
    // Kinds are text in the database: what is not named here came from outside.
    default:
      return "message";
  }
}

function sameDevice(site: Site, a: Problem, b: Problem): boolean {
  return a.kind === "device-down" || b.kind === "device-down" || familyOf(site, a) === familyOf(site, b);
}

function isLinkDown(problem: Problem): boolean {
  return problem.kind === "interface-down";
}

function sameCable(site: Site, a: Problem, b: Problem): boolean {
  const edge = edgeAt(site, a.device, a.object);
  return edge !== undefined && edge === edgeAt(site, b.device, b.object);
}

/** The device that a down interface leads to, or the down device itself. */
export function farDevice(site: Site, problem: Problem): string | undefined {
  if (problem.kind === "device-down") return problem.device;
  const edge = isLinkDown(problem) ? edgeAt(site, problem.device, problem.object) : undefined;
  return edge && farEnd(edge, problem.device).device;
}

function sameFarDevice(site: Site, a: Problem, b: Problem): boolean {
  const far = farDevice(site, a);
  return far !== undefined && far === farDevice(site, b);
}

/** Walks over the site for one batch; beyond them, neighbours alone join problems. */
const WALKS_MAX = 200;
const walks = new WeakMap<Site, Map<string, Set<string>>>();

/** Devices that cannot be reached any more because of this problem, seen from the device that reported it. */
export function cutOffBy(site: Site, problem: Problem): Set<string> {
  const known = walks.get(site) ?? new Map<string, Set<string>>();
  walks.set(site, known);
  const key = `${problem.kind}/${problem.device}/${problem.object}`;
  const before = known.get(key);
  if (before || known.size >= WALKS_MAX) return before ?? new Set();
  const behind = walk(site, problem);
  known.set(key, behind);
  return behind;
}

function walk(site: Site, problem: Problem): Set<string> {
  if (isLinkDown(problem)) {
    const edge = edgeAt(site, problem.device, problem.object);
    return edge ? cutOff(site, { from: problem.device, edge }) : new Set();
  }
  if (problem.kind !== "device-down") return new Set();
  const above = upstreamOf(site, problem.device)[0];
  return above === undefined ? new Set() : cutOff(site, { from: above, device: problem.device });
}

/** Neighbours, or two devices below the same one. */
function closeBy(site: Site, a: string, b: string): boolean {
  if (edgesOf(site, a).some((edge) => farEnd(edge, a).device === b)) return true;
  const above = new Set(upstreamOf(site, a));
  return upstreamOf(site, b).some((name) => above.has(name));
}

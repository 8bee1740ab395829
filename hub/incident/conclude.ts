import { type Board, type BoardIncident, firingOf, holderOf, isOpen, mark, type Problem } from "./board.ts";
import { cutOffBy } from "./correlate.ts";
import { severityRank, worst } from "./incident.ts";
import { priorityOf } from "./priority.ts";
import { chooseRoot } from "./root.ts";
import { titleOf } from "./title.ts";

/** A root that ended stays in the title this long, so that a recovery in several steps is not renamed half way. */
export const ROOT_LINGER_MS = 120_000;

/** After the last event of a batch: what each incident is called now, how bad it is, and whether it is over. */
export function concludeBoard(board: Board): void {
  for (const incident of board.incidents) {
    if (incident.change === undefined || incident.change === "merged" || !isOpen(incident)) continue;
    const problems = [...incident.problems.values()];
    const firing = firingOf(incident);
    const moments = problems.filter((problem) => problem.state === "moment");
    const over = firing.length === 0 && moments.length < problems.length;
    if (!over) name(board, incident, firing.length > 0 ? firing : moments);
    else if (incident.change === "opened") name(board, incident, problems);
    if (over) resolve(board, incident);
  }
}

/** Nothing stands any more. Moments alone wait for the settling sweep instead. */
function resolve(board: Board, incident: BoardIncident): void {
  incident.status = "resolved";
  incident.silencedUntilMs = null;
  incident.resolvedMs = board.nowMs;
  if (incident.change !== "opened") incident.change = "resolved";
  incident.timeline.push({ kind: "resolved", text: "Resolved by itself: nothing stands any more" });
}

function name(board: Board, incident: BoardIncident, standing: readonly Problem[]): void {
  const { site } = board;
  const root = chooseRoot(site, [...standing, ...lingeringRoot(board, incident)]);
  if (!root) return;
  const severity = standing.map((problem) => problem.severity).reduce(worst, incident.severity);
  const worse = severityRank(severity) > severityRank(incident.severity);
  incident.severity = severity;
  if (worse && incident.status === "silenced") bringBack(incident, `it rose to ${severity}`);
  if (root.fingerprint !== incident.root) {
    incident.root = root.fingerprint;
    incident.deviceId = root.deviceId;
    incident.title = titleOf(site, root);
    if (incident.change !== "opened") {
      incident.timeline.push({
        kind: "event",
        text: `Now seen as: ${incident.title}`,
        details: { root: root.fingerprint },
      });
    }
    mark(incident, "grown");
  }
  const named = new Set([...incident.problems.values()].map((problem) => problem.device).filter((d) => d !== ""));
  // What was concluded without this device, or about a lesser problem, is not true any more.
  if (worse || named.size > incident.deviceCount) mark(incident, "grown");
  incident.deviceCount = named.size;
  const affected = new Set([...named, ...cutOffBy(site, root)]).size;
  const priority = priorityOf({ severity, role: site.devices.get(root.device)?.role ?? "", devices: affected });
  // P0 sorts before P3: like the severity, it only rises while the incident is open.
  incident.priority = incident.change === "opened" || priority < incident.priority ? priority : incident.priority;
}

/** Ends a silence: whoever silenced it did not know this, or said how long. */
export function bringBack(incident: BoardIncident, because: string): void {
  incident.status = "new";
  incident.silencedUntilMs = null;
  incident.timeline.push({ kind: "reopened", text: `Silenced no more: ${because}` });
  mark(incident, "reopened");
}

function lingeringRoot(board: Board, incident: BoardIncident): Problem[] {
  const root = incident.problems.get(incident.root);
  const lingers =
    root?.state === "cleared" &&
    incident.change !== "reopened" &&
    board.nowMs - root.lastObservedMs < ROOT_LINGER_MS &&
    holderOf(board, incident.root) === incident;
  return lingers ? [root] : [];
}

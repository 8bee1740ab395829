import { type Board, type BoardIncident, holderOf, isOpen, mark, type Problem } from "./board.ts";
import { farDevice, isMessage, NEIGHBOUR_WINDOW_MS, relatedIncidents } from "./correlate.ts";
import type { EventRow } from "./event-row.ts";
import { severityRank, worst } from "./incident.ts";
import { mergeInto, survivorOf } from "./merge.ts";
import { titleOf } from "./title.ts";

/** An event as it counts: after the site's verdict, and after a later one when that raised it. */
export type CountedEvent = Pick<
  EventRow,
  "id" | "deviceId" | "device" | "object" | "kind" | "state" | "fingerprint" | "summary" | "observedAt" | "explainedBy"
> & { severity: EventRow["severity"] };

/** Whether a person should ever see an incident because of this event alone. */
export function opensIncident(event: CountedEvent): boolean {
  switch (event.state) {
    case "firing":
      return severityRank(event.severity) >= severityRank("warning");
    case "moment":
      return event.kind === "device-reboot"
        ? severityRank(event.severity) >= severityRank("warning")
        : severityRank(event.severity) >= severityRank("error");
    case "cleared":
      return false;
  }
}

/** Puts one event on the board: where it belongs, or into an incident of its own when it deserves one. */
export function applyEvent(board: Board, event: CountedEvent): void {
  const holder = holderOf(board, event.fingerprint);
  if (event.state === "cleared") {
    if (holder) clear(board, holder, event);
    return;
  }
  if (holder) {
    repeat(board, holder, event);
    return;
  }
  const problem = problemOf(event);
  if (event.state === "moment") {
    const near = incidentOfMoment(board, problem);
    if (near && severityRank(event.severity) >= severityRank("warning")) join(board, near, problem);
    else if (opensIncident(event)) open(board, problem);
    return;
  }
  if (!opensIncident(event)) return;
  const related = relatedIncidents(board, problem);
  const [first, ...others] = related.toSorted(survivorOf);
  if (first) {
    for (const other of others) mergeInto(board, first, other);
    join(board, first, problem);
    return;
  }
  const flapped = resolvedHolder(board, problem);
  if (flapped) reopen(board, flapped, problem);
  else open(board, problem);
}

function clear(board: Board, incident: BoardIncident, event: CountedEvent): void {
  const problem = incident.problems.get(event.fingerprint);
  if (problem?.state !== "firing") return;
  touch(board, incident, problem, event);
  problem.state = "cleared";
  mark(incident, "updated");
  incident.timeline.push({
    kind: "event",
    text: event.summary === "" ? `Ended: ${titleOf(board.site, problem)}` : event.summary,
    details: { fingerprint: event.fingerprint, state: "cleared", device: event.device },
  });
}

/** The same problem again: it counts, and it may get worse; it never gets better while it stands. */
function repeat(board: Board, incident: BoardIncident, event: CountedEvent): void {
  const problem = incident.problems.get(event.fingerprint);
  if (!problem) return;
  touch(board, incident, problem, event);
  problem.severity = worst(problem.severity, event.severity);
  problem.summary = event.summary;
  if (problem.state === "cleared") {
    problem.state = event.state === "moment" ? "moment" : "firing";
    tell(board, incident, problem);
    mark(incident, "grown");
  }
  mark(incident, "updated");
}

function touch(board: Board, incident: BoardIncident, problem: Problem, event: CountedEvent): void {
  problem.eventId = event.id;
  problem.count += 1;
  problem.lastObservedMs = Math.max(problem.lastObservedMs, event.observedAt.getTime());
  problem.changed = true;
  incident.eventCount += 1;
  incident.lastEventMs = board.nowMs;
}

function join(board: Board, incident: BoardIncident, problem: Problem): void {
  const known = incident.problems.get(problem.fingerprint);
  incident.problems.set(problem.fingerprint, known ? { ...problem, count: known.count + 1 } : problem);
  incident.eventCount += 1;
  incident.lastEventMs = board.nowMs;
  mark(incident, "updated");
  tell(board, incident, problem);
}

function tell(board: Board, incident: BoardIncident, problem: Problem): void {
  incident.timeline.push({
    kind: "event",
    text: titleOf(board.site, problem),
    details: { fingerprint: problem.fingerprint, state: problem.state, device: problem.device },
  });
}

function reopen(board: Board, incident: BoardIncident, problem: Problem): void {
  incident.status = "new";
  incident.resolvedMs = null;
  incident.timeline.push({ kind: "reopened", text: `Reopened: ${titleOf(board.site, problem)}` });
  join(board, incident, problem);
  mark(incident, "reopened");
}

function open(board: Board, problem: Problem): void {
  const title = titleOf(board.site, problem);
  board.incidents.add({
    id: Bun.randomUUIDv7(),
    number: 0,
    title,
    root: problem.fingerprint,
    deviceId: problem.deviceId,
    severity: problem.severity,
    priority: "P3",
    status: "new",
    silencedUntilMs: null,
    eventCount: 1,
    deviceCount: 1,
    revision: 1,
    createdMs: board.nowMs,
    lastEventMs: board.nowMs,
    resolvedMs: null,
    mergedInto: null,
    problems: new Map([[problem.fingerprint, problem]]),
    seenBefore: "",
    change: "opened",
    timeline: [{ kind: "opened", text: title, details: { fingerprint: problem.fingerprint } }],
  });
}

/** A moment belongs to what stands, or stood until just now, on its device or on a link to it. */
function incidentOfMoment(board: Board, moment: Problem): BoardIncident | undefined {
  if (moment.device === "") return undefined;
  const near = [...board.incidents].filter((incident) =>
    [...incident.problems.values()].some(
      (problem) =>
        (problem.device === moment.device || farDevice(board.site, problem) === moment.device) &&
        ((problem.state === "firing" && isOpen(incident)) ||
          Math.abs(problem.lastObservedMs - moment.lastObservedMs) <= NEIGHBOUR_WINDOW_MS),
    ),
  );
  const open = near.find(isOpen);
  // What a device says now is the first word of a new fault rather than the last of one that is over.
  return open || isMessage(moment) ? open : near.find((incident) => incident.mergedInto === null);
}

/** The incident of a moment ago with the same problem, or with another one of the very same part (down, then flapping). */
function resolvedHolder(board: Board, { fingerprint, device, object }: Problem): BoardIncident | undefined {
  const samePart = (other: Problem) =>
    object !== "" && other.device === device && other.object === object && !isMessage(other);
  return [...board.incidents]
    .filter((incident) => !isOpen(incident) && incident.mergedInto === null)
    .filter((incident) => incident.problems.has(fingerprint) || [...incident.problems.values()].some(samePart))
    .toSorted((a, b) => (b.resolvedMs ?? 0) - (a.resolvedMs ?? 0))
    .at(0);
}

function problemOf(event: CountedEvent): Problem {
  return {
    fingerprint: event.fingerprint,
    eventId: event.id,
    deviceId: event.deviceId,
    device: event.device,
    object: event.object,
    kind: event.kind,
    state: event.state,
    severity: event.severity,
    summary: event.summary,
    explainedBy: event.explainedBy,
    count: 1,
    firstObservedMs: event.observedAt.getTime(),
    lastObservedMs: event.observedAt.getTime(),
    changed: true,
  };
}

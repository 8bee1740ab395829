import { type Board, type BoardIncident, mark } from "./board.ts";

const HANDS_ON = ["in_progress", "acknowledged"];

/** Sorts the incident that stays to the front: one that a person works on, else the oldest. */
export function survivorOf(a: BoardIncident, b: BoardIncident): number {
  return handsOn(a) - handsOn(b) || a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1);
}

function handsOn(incident: BoardIncident): number {
  const at = HANDS_ON.indexOf(incident.status);
  return at < 0 ? HANDS_ON.length : at;
}

/** Hands everything over to the survivor; the other one ends and says where its problems went. */
export function mergeInto(board: Board, survivor: BoardIncident, other: BoardIncident): void {
  for (const problem of other.problems.values()) {
    const known = survivor.problems.get(problem.fingerprint);
    if (known?.state === "firing") continue;
    survivor.problems.set(problem.fingerprint, { ...problem, changed: true });
  }
  survivor.eventCount += other.eventCount;
  survivor.timeline.push({
    kind: "event",
    text: other.number === 0 ? other.title : `Took over INC-${other.number}, "${other.title}": same cause`,
    details: { merged: other.id },
  });
  mark(survivor, "grown");

  // Opened by this very batch and not stored yet: it never was.
  if (other.number === 0) {
    board.incidents.delete(other);
    return;
  }
  for (const problem of other.problems.values()) {
    if (problem.state === "firing") Object.assign(problem, { state: "cleared", changed: true });
  }
  other.status = "resolved";
  other.silencedUntilMs = null;
  other.resolvedMs = board.nowMs;
  other.mergedInto = survivor.id;
  other.change = "merged";
  other.timeline.push({
    kind: "resolved",
    text: `Same cause as ${survivor.number === 0 ? "a newer incident" : `INC-${survivor.number}`}, which took over`,
    details: { mergedInto: survivor.id },
  });
}

import type { Answered } from "../poll/reading.ts";

/** A port without a neighbour keeps its last one this long: a cut link is when the topology is needed most. */
const NEIGHBOUR_KEPT_MS = 24 * 3_600_000;
const NEIGHBOURS_MAX = 1_024;

export interface NeighbourFact {
  localPort: string;
  remoteSystem: string;
  remotePort: string;
  lastSeenMs: number;
}

/** What one device said of itself and its neighbours. */
export interface DeviceFacts {
  systemName: string;
  neighbours: NeighbourFact[];
}

/** For a reading with the neighbours of the last one, in the same list: false when there is more to it than a later time. */
export function seeAgain(known: DeviceFacts, { neighbours, system, incomplete, takenAtMs }: Answered): boolean {
  if (incomplete !== undefined || known.systemName !== system.name) return false;
  if (known.neighbours.length !== neighbours.length) return false;
  for (const neighbour of known.neighbours) neighbour.lastSeenMs = takenAtMs;
  return true;
}

/** Folds a reading into what was known; `changed` when the graph has to be built anew. */
export function foldFacts(known: DeviceFacts | undefined, reading: Answered): { facts: DeviceFacts; changed: boolean } {
  const seen = reading.neighbours.slice(0, NEIGHBOURS_MAX).map(({ localPort, remoteSystem, remotePort }) => ({
    localPort,
    remoteSystem,
    remotePort,
    lastSeenMs: reading.takenAtMs,
  }));
  const occupied = new Set(seen.map((n) => n.localPort));
  const kept = (known?.neighbours ?? []).filter(
    (n) => !occupied.has(n.localPort) && reading.takenAtMs - n.lastSeenMs < NEIGHBOUR_KEPT_MS,
  );
  const neighbours = [...seen, ...kept].slice(0, NEIGHBOURS_MAX);
  // A reading that is not the whole may lack the name.
  const systemName = reading.incomplete === undefined ? reading.system.name : reading.system.name || known?.systemName;
  const facts = { systemName: systemName ?? "", neighbours };
  return { facts, changed: known === undefined || shapeOf(known) !== shapeOf(facts) };
}

function shapeOf(facts: DeviceFacts): string {
  const rows = facts.neighbours.map((n) => JSON.stringify([n.localPort, n.remoteSystem, n.remotePort]));
  return `${facts.systemName}\n${rows.toSorted().join("\n")}`;
}

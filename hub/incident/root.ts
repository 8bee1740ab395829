import type { Problem } from "./board.ts";
import { cutOffBy, farDevice } from "./correlate.ts";
import { severityRank } from "./incident.ts";
import { edgeAt, edgesOf, farEnd, isUplink, roleRank, type Site } from "./topology.ts";

const CANDIDATES_MAX = 50;
const KIND_ORDER = ["interface-down", "device-down", "interface-flapping", "device-reboot", "sensor", "threshold"];

/** The most upstream of these problems: the one that explains the others, or else the one that hurts most. */
export function chooseRoot(site: Site, problems: readonly Problem[]): Problem | undefined {
  const down = new Set(problems.filter((p) => p.kind === "device-down").map((p) => p.device));
  const fingerprints = new Set(problems.map((p) => p.fingerprint));
  const scene: Scene = { site, problems, down, fingerprints };
  const unexplained = problems.filter((problem) => !isExplained(scene, problem));
  const candidates = unexplained.length > 0 ? unexplained : problems;
  return candidates
    .toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity) || byAge(a, b))
    .slice(0, CANDIDATES_MAX)
    .map((problem) => ({ problem, behind: cutOffBy(site, problem).size }))
    .toSorted((a, b) => b.behind - a.behind || byKind(a.problem, b.problem) || byPlace(site, a.problem, b.problem))
    .at(0)?.problem;
}

interface Scene {
  site: Site;
  problems: readonly Problem[];
  /** Devices that do not answer. */
  down: ReadonlySet<string>;
  fingerprints: ReadonlySet<string>;
}

/** The site's triage names what stood first, so its word counts only where no cable is known to judge by. */
function isExplained(scene: Scene, problem: Problem): boolean {
  const named = problem.explainedBy !== problem.fingerprint && scene.fingerprints.has(problem.explainedBy);
  if (named && edgesOf(scene.site, problem.device).length === 0) return true;
  switch (problem.kind) {
    case "interface-down":
      return linkIsExplained(scene, problem);
    case "device-down":
      return deviceIsExplained(scene, problem.device);
    case "device-slow":
    case "device-reboot":
      return scene.down.has(problem.device);
    // Other kinds say nothing about what hangs below what.
    default:
      return false;
  }
}

/** A port goes down with its own device, with a far device that several neighbours lost, and only one end is named. */
function linkIsExplained(scene: Scene, problem: Problem): boolean {
  if (scene.down.has(problem.device)) return true;
  const edge = edgeAt(scene.site, problem.device, problem.object);
  if (!edge) return false;
  const far = farEnd(edge, problem.device);
  if (scene.down.has(far.device)) return witnessesOf(scene, far.device) >= 2;
  const bothReport = scene.problems.some(
    (p) => p.kind === "interface-down" && p.device === far.device && p.object === far.port,
  );
  if (!bothReport) return false;
  const lower = roleRank(scene.site, far.device) - roleRank(scene.site, problem.device);
  return lower < 0 || (lower === 0 && far.device < problem.device);
}

/** A device that does not answer is explained by the failed cable before it, or by neighbours that are all down. */
function deviceIsExplained(scene: Scene, device: string): boolean {
  const edges = edgesOf(scene.site, device).filter((edge) => scene.site.devices.has(farEnd(edge, device).device));
  if (edges.length === 0) return false;
  if (witnessesOf(scene, device) >= 2) return false;
  const living = edges.filter((edge) => !scene.down.has(farEnd(edge, device).device));
  if (living.length === 0) return true;
  return living.some((edge) => {
    const near = farEnd(edge, device);
    return scene.problems.some(
      (p) => p.kind === "interface-down" && p.device === near.device && edgeAt(scene.site, p.device, p.object) === edge,
    );
  });
}

/** How many devices that answer have lost their link to this one. */
function witnessesOf(scene: Scene, device: string): number {
  const near = scene.problems.filter(
    (p) => p.kind === "interface-down" && !scene.down.has(p.device) && farDevice(scene.site, p) === device,
  );
  return new Set(near.map((p) => p.device)).size;
}

function byKind(a: Problem, b: Problem): number {
  return kindOrder(a) - kindOrder(b);
}

function kindOrder(problem: Problem): number {
  const at = KIND_ORDER.indexOf(problem.kind);
  return at < 0 ? KIND_ORDER.length : at;
}

function byPlace(site: Site, a: Problem, b: Problem): number {
  const uplink = (problem: Problem) => Number(isUplink(site, problem.device, problem.object));
  return (
    uplink(b) - uplink(a) ||
    roleRank(site, b.device) - roleRank(site, a.device) ||
    severityRank(b.severity) - severityRank(a.severity) ||
    byAge(a, b)
  );
}

function byAge(a: Problem, b: Problem): number {
  return a.firstObservedMs - b.firstObservedMs || (a.fingerprint < b.fingerprint ? -1 : 1);
}

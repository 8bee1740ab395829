import type { IncidentProblem, Site } from "../../incident/index.ts";
import type { Signal, SignalKind } from "../tool/index.ts";

/** A signal and the evidence that holds it. */
export interface EvidenceSignal extends Signal {
  evidence: string;
}

/** Everything the ranker looks at. */
export interface Case {
  site: Site;
  problems: readonly Pick<IncidentProblem, "kind" | "device" | "object" | "state">[];
  signals: readonly EvidenceSignal[];
}

/** How strongly something is borne out, and by which evidence. */
export interface Support {
  strength: number;
  evidence: string[];
}

export const NO_SUPPORT: Support = { strength: 0, evidence: [] };

export function supportOf(given: Case, kind: SignalKind, device: string, port?: string): Support {
  const found = given.signals.filter(
    (s) => s.kind === kind && s.device === device && (port === undefined || s.interface === port),
  );
  return { strength: Math.max(0, ...found.map((s) => s.strength)), evidence: found.map((s) => s.evidence) };
}

/** The share of these devices that do not answer. */
export function silentShare(given: Case, devices: readonly string[]): Support {
  if (devices.length === 0) return NO_SUPPORT;
  const silent = devices.map((device) => supportOf(given, "not-answering", device)).filter((s) => s.strength > 0);
  return { strength: silent.length / devices.length, evidence: silent.flatMap((s) => s.evidence) };
}

export function isSilent(given: Case, device: string): boolean {
  return supportOf(given, "not-answering", device).strength > 0;
}

export function silentDevices(given: Case): string[] {
  return [...new Set(given.signals.filter((s) => s.kind === "not-answering").map((s) => s.device))];
}

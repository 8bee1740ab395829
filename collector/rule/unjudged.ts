import type { Finding } from "./finding.ts";
import { fingerprintOf } from "./kind.ts";
import type { DeviceMemory } from "./memory.ts";

/** A firing that no reading could judge for a day (its port or sensor is gone) is closed. */
const UNJUDGED_MS_MAX = 24 * 3_600_000;

/** Notes what these findings judged, and ends what stands open with nothing left to judge it by. */
export function endUnjudged(
  memory: DeviceMemory,
  findings: readonly Finding[],
  at: { device: string; atMs: number },
): Finding[] {
  if (findings.length === 0 && memory.firing.size === 0) return [];
  for (const finding of findings) {
    if (finding.kind === "moment") continue;
    const judged =
      finding.kind === "ended" ? finding.fingerprint : fingerprintOf({ ...finding.condition, device: at.device });
    memory.judgedMs.set(judged, at.atMs);
  }
  const ends: Finding[] = [];
  for (const { fingerprint, object } of memory.firing.values()) {
    const judgedMs = memory.judgedMs.get(fingerprint) ?? at.atMs;
    memory.judgedMs.set(fingerprint, judgedMs);
    if (at.atMs - judgedMs < UNJUDGED_MS_MAX) continue;
    ends.push({ kind: "ended", fingerprint, summary: `${at.device} has not reported ${object} for a day` });
  }
  return ends;
}

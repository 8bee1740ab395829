import type { Priority, SeverityName } from "./incident.ts";

const MANY_DEVICES = 5;
const SEVERITY_POINTS: Readonly<Record<SeverityName, number>> = { info: 0, warning: 0, error: 1, critical: 2 };
const ROLE_POINTS: Readonly<Record<string, number>> = { core: 1, router: 1, firewall: 1, "access-point": -1 };
const BY_POINTS: readonly Priority[] = ["P3", "P2", "P1", "P0"];

/** Severity, what the root device is, and how much hangs behind it. */
export function priorityOf(of: { severity: SeverityName; role: string; devices: number }): Priority {
  const points = SEVERITY_POINTS[of.severity] + (ROLE_POINTS[of.role] ?? 0) + (of.devices >= MANY_DEVICES ? 1 : 0);
  return BY_POINTS[Math.min(Math.max(points, 0), BY_POINTS.length - 1)] ?? "P3";
}

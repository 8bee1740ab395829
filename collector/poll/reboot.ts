import type { Answered } from "./reading.ts";
import type { DeviceState } from "./state.ts";

const TICKS_WRAP = 2 ** 32;
const TICKS_PER_MS = 0.1;
/** Clocks of agents drift and answers wait: less than this is no reboot. */
const SLACK_TICKS = 1_000;
const DRIFT = 0.05;

/** Tells a reboot from a clock that rolled over after 497 days, by what the uptime should have become meanwhile. */
export function discontinuityOf(
  before: DeviceState["uptime"],
  now: { ticks: number | undefined; engineBoots: number; readAtMs: number },
): Answered["discontinuity"] {
  if (!before) return "first-poll";
  if (before.engineBoots > 0 && now.engineBoots > 0 && now.engineBoots !== before.engineBoots) return "reboot";
  if (before.ticks === undefined || now.ticks === undefined) return "none";
  const elapsed = Math.max(0, now.readAtMs - before.readAtMs) * TICKS_PER_MS;
  const slack = SLACK_TICKS + elapsed * DRIFT;
  const expected = before.ticks + elapsed;
  const missing = expected - now.ticks;
  if (missing <= slack) return "none";
  return Math.abs(missing - TICKS_WRAP) <= slack ? "none" : "reboot";
}

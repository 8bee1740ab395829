import { boundedText } from "../bounded-text.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";
import { type ChangeResult, changeIncident, type IncidentReference } from "./change.ts";

const SILENCE_MS_DEFAULT = 86_400_000;
const SILENCE_DAYS_MAX = 30;

export interface SilenceIncident extends IncidentReference {
  /** Why nobody needs to look; it stands on the timeline. */
  reason: string;
  /** Unix milliseconds, 30 days ahead at most; 24 hours from now when not given. */
  untilMs?: number | undefined;
}

/**
 * Takes an incident out of people's sight for a time. It still collects its events and resolves when nothing stands any
 * more; it comes back when the time is over, or when it gets worse than it was.
 */
export async function silenceIncident(ctx: Context, input: SilenceIncident): Promise<ChangeResult> {
  requirePermission(ctx, "incident:change");
  const until = endOf(ctx.clock.nowMs(), input.untilMs);
  const when = `${until.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return changeIncident(ctx, input, {
    from: ["new", "acknowledged", "in_progress", "silenced"],
    set: { status: "silenced", silencedUntil: until },
    change: "silenced",
    action: "incident.silenced",
    timeline: {
      kind: "silenced",
      text: `Silenced: ${boundedText(input.reason, 500)} (until ${when})`,
      details: { until: until.toISOString() },
    },
  });
}

function endOf(nowMs: number, untilMs = nowMs + SILENCE_MS_DEFAULT): Date {
  if (untilMs > nowMs && untilMs <= nowMs + SILENCE_DAYS_MAX * 86_400_000) return new Date(untilMs);
  throw new HubError(
    "bad-request",
    `a silence ends between now and ${SILENCE_DAYS_MAX} days ahead. Choose another end.`,
  );
}

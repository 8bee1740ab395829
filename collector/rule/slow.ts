import { EventKind, Severity } from "@watchpost/proto";
import type { Answered } from "../poll/reading.ts";
import type { Condition, Finding, Scene } from "./finding.ts";
import { fingerprintOf } from "./kind.ts";
import { formatDuration } from "./text.ts";

/** A poll may take half its interval, and an answer a quarter of its time-out: beyond, data is about to be lost. */
const INTERVAL_SHARE = 0.5;
const TIMEOUT_SHARE = 0.25;
const CLEAR_SHARE = 0.7;

/**
 * An agent that answers, but so late that the next fault will be a time-out. One lost datagram looks the same for one
 * poll: with that forgiven a poll counts at once, without only when the one before was slow as well.
 */
export function judgeSlow(reading: Answered, scene: Scene): Finding[] {
  const { device, poll, memory } = scene;
  const budget = {
    pollMs: (device.intervalMs ?? poll.intervalMs) * INTERVAL_SHARE,
    answerMs: poll.timeoutMs * TIMEOUT_SHARE,
  };
  const load = loadOf(reading, reading.durationMs, budget);
  if (load <= 1 && memory.streaks.size === 0 && memory.firing.size === 0) return [];
  const fingerprint = fingerprintOf({ kind: EventKind.DEVICE_SLOW, device: device.name });
  const wasSlow = memory.streaks.has(fingerprint);
  const firing = scene.isFiring(fingerprint);
  if (load > 1) memory.streaks.set(fingerprint, 1);
  else memory.streaks.delete(fingerprint);
  if (firing && load <= CLEAR_SHARE) {
    const summary = `${device.name} answers in time again: a poll took ${formatMs(reading.durationMs)}`;
    return [{ kind: "ended", fingerprint, summary }];
  }
  const isSlow = wasSlow ? load > 1 : loadOf(reading, reading.durationMs - poll.timeoutMs, budget) > 1;
  return firing || isSlow ? [{ kind: "stands", condition: slow(reading, budget, scene) }] : [];
}

interface Budget {
  pollMs: number;
  answerMs: number;
}

/** Share of its budget that a poll of this length uses up; above 1 it is beyond. */
function loadOf({ requests }: Answered, durationMs: number, budget: Budget): number {
  return Math.max(durationMs / budget.pollMs, durationMs / Math.max(1, requests) / budget.answerMs);
}

function slow(reading: Answered, budget: Budget, { device }: Scene): Condition {
  const { durationMs, requests } = reading;
  const each = formatMs(durationMs / Math.max(1, requests));
  return {
    kind: EventKind.DEVICE_SLOW,
    object: "",
    severity: Severity.WARNING,
    summary: `${device.name} is slow: a poll of ${requests} requests took ${formatMs(durationMs)}, ${each} each`,
    attributes: {
      metric: "device_poll_duration_seconds",
      duration_ms: String(Math.round(durationMs)),
      requests: String(requests),
      poll_budget_ms: String(budget.pollMs),
      answer_budget_ms: String(budget.answerMs),
    },
  };
}

function formatMs(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : formatDuration(ms);
}

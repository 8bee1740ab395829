import { EventKind, Severity } from "@watchpost/proto";
import type { Answered } from "../poll/reading.ts";
import type { Finding, Scene } from "./finding.ts";
import { fingerprintOf } from "./kind.ts";
import { formatDuration } from "./text.ts";

/** A poll may take half its interval, and an answer a quarter of its time-out: beyond, data is about to be lost. */
const INTERVAL_SHARE = 0.5;
const TIMEOUT_SHARE = 0.25;
const CLEAR_SHARE = 0.7;

/** An agent that answers, but so late that the next fault will be a time-out. */
export function judgeSlow(reading: Answered, scene: Scene): Finding[] {
  const { device, poll } = scene;
  const fingerprint = fingerprintOf({ kind: EventKind.DEVICE_SLOW, device: device.name });
  const answerMs = reading.durationMs / Math.max(1, reading.requests);
  const pollBudgetMs = (device.intervalMs ?? poll.intervalMs) * INTERVAL_SHARE;
  const answerBudgetMs = poll.timeoutMs * TIMEOUT_SHARE;
  const load = Math.max(reading.durationMs / pollBudgetMs, answerMs / answerBudgetMs);
  const took = formatMs(reading.durationMs);
  if (load <= (scene.isFiring(fingerprint) ? CLEAR_SHARE : 1)) {
    if (!scene.isFiring(fingerprint)) return [];
    return [{ kind: "ended", fingerprint, summary: `${device.name} answers in time again: a poll took ${took}` }];
  }
  return [
    {
      kind: "stands",
      condition: {
        kind: EventKind.DEVICE_SLOW,
        object: "",
        severity: Severity.WARNING,
        summary: `${device.name} is slow: a poll of ${reading.requests} requests took ${took}, ${formatMs(answerMs)} each`,
        attributes: {
          metric: "device_poll_duration_seconds",
          duration_ms: String(Math.round(reading.durationMs)),
          requests: String(reading.requests),
          poll_budget_ms: String(pollBudgetMs),
          answer_budget_ms: String(answerBudgetMs),
        },
      },
    },
  ];
}

function formatMs(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : formatDuration(ms);
}

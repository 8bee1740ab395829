import { EventKind, Severity } from "@watchpost/proto";
import type { Reading, Unanswered } from "../poll/reading.ts";
import type { Condition, Finding, Scene } from "./finding.ts";
import { fingerprintOf } from "./kind.ts";
import { deviceDownSeverity } from "./severity.ts";
import { formatDuration, tame } from "./text.ts";

/** One poll that exhausted its retries is a suspicion; the next one decides. */
const UNANSWERED_POLLS_TO_CONFIRM = 2;
const MESSAGE_CHARS_MAX = 400;

/** Counts polls without an answer; the device is down from the second one on. */
export function judgeAvailability(reading: Reading, scene: Scene): Finding[] {
  const { memory, device } = scene;
  memory.lastReadingMs = reading.takenAtMs;
  memory.lastAnswered = reading.kind === "answered";
  if (reading.kind === "answered") {
    if (memory.unanswered.count > 0) memory.unanswered = { count: 0, sinceMs: 0 };
    if (memory.firing.size === 0) return [];
    const fingerprint = fingerprintOf({ kind: EventKind.DEVICE_DOWN, device: device.name });
    const firing = memory.firing.get(fingerprint);
    if (!firing) return [];
    const gone = formatDuration(reading.takenAtMs - firing.sinceMs);
    return [{ kind: "ended", fingerprint, summary: `${device.name} answers again after ${gone}` }];
  }
  const { count, sinceMs } = memory.unanswered;
  memory.unanswered = { count: count + 1, sinceMs: count === 0 ? reading.takenAtMs : sinceMs };
  if (memory.unanswered.count < UNANSWERED_POLLS_TO_CONFIRM) return [];
  return [{ kind: "stands", condition: down(reading, scene) }];
}

function down(reading: Unanswered, { device, memory }: Scene): Condition {
  const [word, severity] = outcomes(reading, deviceDownSeverity(device.role));
  return {
    kind: EventKind.DEVICE_DOWN,
    object: "",
    severity,
    summary: `${device.name} (${device.address}) ${word}`,
    attributes: {
      reason: reading.reason,
      message: tame(reading.message, MESSAGE_CHARS_MAX),
      address: device.address,
      role: device.role,
      ...(reading.hostAnswers === undefined ? {} : { host_answers: String(reading.hostAnswers) }),
      unanswered_polls: String(memory.unanswered.count),
      since_ms: String(memory.unanswered.sinceMs),
    },
  };
}

/** A device that answers something is alive, though nothing can be read from it. */
function outcomes({ reason, hostAnswers }: Unanswered, dead: Severity): [string, Severity] {
  switch (reason) {
    case "timeout":
      if (hostAnswers) return ["has a silent SNMP agent; the host answers ping", Severity.WARNING];
      return ["does not answer", dead];
    case "refused":
      return ["refuses SNMP: nothing listens there", dead];
    case "unauthenticated":
      return ["refuses our SNMP credentials", Severity.WARNING];
    case "garbage":
      return ["sends malformed SNMP replies", Severity.WARNING];
  }
}

/** Whether an open device-down says that nothing passes through the device. */
export function cutsOffOthers(attributes: Record<string, string>): boolean {
  if (attributes["host_answers"] === "true") return false;
  return attributes["reason"] === "timeout" || attributes["reason"] === "refused";
}

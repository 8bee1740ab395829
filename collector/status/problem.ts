import { formatDuration } from "../rule/index.ts";
import type { StatusView } from "./view.ts";

const CLOCK_OFFSET_MS_MAX = 5_000;
const LATENESS_MS_MAX = 10_000;
const FULL_SHARE = 0.8;
const CERTIFICATE_ENDS_SOON_MS = 3 * 86_400_000;

/** What an installer has to look at, the most basic first; empty when all is well. */
export function problemsOf(view: StatusView): string[] {
  const down = view.devices.filter((device) => device.state === "down");
  const named = down.slice(0, 5).map((device) => device.name);
  const names = named.join(", ") + (down.length > named.length ? " …" : "");
  return [
    ...enrolment(view),
    view.link.isUp || view.enrolment.state !== "enrolled"
      ? ""
      : `The link to the hub is ${view.link.state}: ${view.link.message}`,
    view.config.problem,
    clock(view),
    filling("samples", view.samples),
    filling("events", view.events),
    view.samples.lastError === ""
      ? ""
      : `Samples are kept here, ${view.samples.sentTo} does not take them: ${view.samples.lastError}`,
    view.devices.length > 0
      ? ""
      : "No devices are configured. Add some to the configuration, or let the hub push them.",
    down.length === 0 ? "" : `${down.length} of ${view.devices.length} devices cannot be read: ${names}`,
    ...losses(view),
    late(view),
  ].filter((problem) => problem !== "");
}

function enrolment({ enrolment, nowMs }: StatusView): string[] {
  if (enrolment.state === "not enrolled") return [`This collector is not enrolled: ${enrolment.message}`];
  const leftMs = enrolment.certificateEndsMs - nowMs;
  if (leftMs > CERTIFICATE_ENDS_SOON_MS) return [];
  if (leftMs <= 0) return ["The certificate of this collector has ended: enrol it again with a new token."];
  return [`The certificate of this collector ends in ${formatDuration(leftMs)} and was not renewed.`];
}

function losses({ messages }: StatusView): string[] {
  if (!messages) return [];
  const dropped = (messages.traps["kernelDrops"] ?? 0) + (messages.syslog["kernelDrops"] ?? 0);
  const [loudest] = messages.strangers;
  return [
    dropped === 0
      ? ""
      : `${dropped} traps or log lines came faster than they could be read, and were dropped by the kernel.`,
    messages.events.dropped === 0 ? "" : `${messages.events.dropped} events of traps or log lines could not be kept.`,
    loudest
      ? `${loudest.address} sends traps or logs and is no configured device (${messages.strangers.length} such senders).`
      : "",
  ];
}

function late({ polls: { waiting, latestMs, crowded } }: StatusView): string {
  if (latestMs < LATENESS_MS_MAX) return "";
  const missed = crowded === 0 ? "" : ` ${crowded} turns were missed for that since the start.`;
  return `Polls begin up to ${formatDuration(latestMs)} late, ${waiting} devices wait: raise poll.inFlightMax or poll.intervalMs, or give devices to another collector.${missed}`;
}

function clock({ link }: StatusView): string {
  const offsetMs = link.clockOffsetMs ?? 0;
  if (Math.abs(offsetMs) <= CLOCK_OFFSET_MS_MAX) return "";
  const side = offsetMs > 0 ? "behind" : "ahead of";
  return `The clock here is ${formatDuration(Math.abs(offsetMs))} ${side} the hub's: set up NTP, or charts will not line up.`;
}

function filling(what: string, store: { bytes: number; bytesMax: number }): string {
  if (store.bytes < store.bytesMax * FULL_SHARE) return "";
  const share = Math.round((store.bytes / store.bytesMax) * 100);
  return `The disk budget for ${what} is ${share} % full; beyond 100 % the oldest are given up and told as a gap.`;
}

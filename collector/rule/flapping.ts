import { EventKind, Severity } from "@watchpost/proto";
import type { InterfaceReading } from "../poll/reading.ts";
import type { Finding, Scene } from "./finding.ts";
import { fingerprintOf } from "./kind.ts";
import type { PortMemory } from "./memory.ts";
import { formatDuration } from "./text.ts";

/** Three times down and up again. */
const CHANGES_TO_FIRE = 6;
const WINDOW_MS_MIN = 5 * 60_000;
const WINDOW_POLLS_MIN = 12;

/**
 * A port that keeps changing is one event, held until it was quiet for half the window. The window is never shorter
 * than what slow polling needs to see the changes.
 */
export function judgeFlapping(
  port: InterfaceReading,
  now: PortMemory,
  atMs: number,
  scene: Scene,
): Finding | undefined {
  const { device, poll } = scene;
  const fingerprint = fingerprintOf({ kind: EventKind.INTERFACE_FLAPPING, device: device.name, object: port.name });
  const windowMs = Math.max(WINDOW_MS_MIN, WINDOW_POLLS_MIN * (device.intervalMs ?? poll.intervalMs));
  const firing = scene.memory.firing.get(fingerprint);
  const lastChangeMs = now.changesMs.at(-1) ?? firing?.sinceMs ?? 0;
  if (firing && atMs - lastChangeMs >= windowMs / 2) {
    const quiet = formatDuration(atMs - lastChangeMs);
    return { kind: "ended", fingerprint, summary: `${device.name} ${port.name} has been steady for ${quiet}` };
  }
  const changes = now.changesMs.filter((ms) => atMs - ms < windowMs).length;
  if (!firing && changes < CHANGES_TO_FIRE) return undefined;
  const neighbour = scene.neighbourAt(port.name);
  return {
    kind: "stands",
    condition: {
      kind: EventKind.INTERFACE_FLAPPING,
      object: port.name,
      severity: neighbour ? Severity.ERROR : Severity.WARNING,
      summary: `${device.name} ${port.name} is flapping: ${changes} changes in ${formatDuration(windowMs)}`,
      attributes: {
        metric: "if_oper_status",
        interface: port.name,
        changes: String(changes),
        window_ms: String(windowMs),
        ...(neighbour ? { remote_device: neighbour.device, remote_port: neighbour.port } : {}),
      },
    },
  };
}

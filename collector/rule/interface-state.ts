import { EventKind } from "@watchpost/proto";
import type { Answered, InterfaceReading } from "../poll/reading.ts";
import { judgeCounterReset } from "./counter-reset.ts";
import type { Condition, Finding, Scene } from "./finding.ts";
import { judgeFlapping } from "./flapping.ts";
import { fingerprintOf } from "./kind.ts";
import { forgetPorts, isAdminUp, isDown, isUp, isWatched, notePort } from "./port-memory.ts";
import { areQuiet, quietPortsOf, wake } from "./quiet-ports.ts";
import { interfaceDownSeverity } from "./severity.ts";
import { formatDuration, tame } from "./text.ts";

/** Down, flapping and restarted counters of every interface. */
export function judgeInterfaces(reading: Answered, scene: Scene): Finding[] {
  const { memory } = scene;
  if (memory.firing.size === 0 && areQuiet(memory.quiet, reading)) return [];
  wake(memory.quiet, memory);
  const findings = judgeOneByOne(reading, scene);
  memory.quiet = findings.length === 0 ? quietPortsOf(reading, memory) : undefined;
  return findings;
}

export function judgeOneByOne(reading: Answered, scene: Scene): Finding[] {
  const watched = reading.interfaces.filter(isWatched);
  const findings = watched.flatMap((port) => {
    const before = scene.memory.ports.get(port.name);
    const now = notePort(scene.memory, port, reading.takenAtMs);
    const flapping = judgeFlapping(port, now, reading.takenAtMs, scene);
    const reset = reading.discontinuity === "none" ? judgeCounterReset(port, before, now, scene) : undefined;
    const state = judgeState(port, { atMs: reading.takenAtMs, held: flapping?.kind === "stands" }, scene);
    return [flapping, state, reset].filter((finding) => finding !== undefined);
  });
  // What a reading lacks when it is not the whole says nothing.
  if (reading.incomplete === undefined) forgetPorts(scene.memory, new Set(watched.map((port) => port.name)));
  return findings;
}

function judgeState(
  port: InterfaceReading,
  { atMs, held }: { atMs: number; held: boolean },
  scene: Scene,
): Finding | undefined {
  const { device, memory } = scene;
  const fingerprint = fingerprintOf({ kind: EventKind.INTERFACE_DOWN, device: device.name, object: port.name });
  const firing = memory.firing.get(fingerprint);
  if (firing && !isAdminUp(port)) {
    return { kind: "ended", fingerprint, summary: `${device.name} ${port.name} was switched off by its administrator` };
  }
  if (firing && isUp(port)) {
    const gone = formatDuration(atMs - firing.sinceMs);
    return { kind: "ended", fingerprint, summary: `${device.name} ${port.name} is up again after ${gone}` };
  }
  const broken = isAdminUp(port) && isDown(port) && memory.portsSeenUp.has(port.name);
  if (!broken || (held && !firing)) return undefined;
  return { kind: "stands", condition: down(port, scene) };
}

function down(port: InterfaceReading, scene: Scene): Condition {
  const { device } = scene;
  const neighbour = scene.neighbourAt(port.name);
  const alias = tame(port.alias);
  const what = neighbour ? `link ${port.name} to ${neighbour.device} is down` : `${port.name} is down`;
  return {
    kind: EventKind.INTERFACE_DOWN,
    object: port.name,
    severity: interfaceDownSeverity(device.role, port, neighbour),
    summary: `${device.name} ${what}${alias === "" ? "" : ` (${alias})`}`,
    attributes: {
      metric: "if_oper_status",
      interface: port.name,
      alias,
      admin_status: String(port.adminStatus),
      oper_status: String(port.operStatus),
      speed_bps: String(port.speedBps),
      ...(neighbour ? { remote_device: neighbour.device, remote_port: neighbour.port } : {}),
    },
  };
}

import type { InterfaceReading } from "../poll/reading.ts";
import type { DeviceMemory, PortMemory } from "./memory.ts";

const UP = 1;
const DOWN = 2;
const NOT_PRESENT = 6;
const LOWER_LAYER_DOWN = 7;
const SOFTWARE_LOOPBACK = 24;
const CHANGES_MAX = 32;
/** One for all: most ports never change. */
const NO_CHANGES: readonly number[] = [];

export const isAdminUp = (port: InterfaceReading): boolean => port.adminStatus === UP;
export const isUp = (port: InterfaceReading): boolean => port.operStatus === UP;

/** Down in the sense of a fault: meant to work and does not. Testing, dormant and unknown say nothing. */
export function isDown({ operStatus }: InterfaceReading): boolean {
  return operStatus === DOWN || operStatus === NOT_PRESENT || operStatus === LOWER_LAYER_DOWN;
}

export const isWatched = (port: InterfaceReading): boolean => port.type !== SOFTWARE_LOOPBACK;

/** Notes what the port does now; called once per reading after the detectors looked at what it did before. */
export function notePort(memory: DeviceMemory, port: InterfaceReading, atMs: number): PortMemory {
  const before = memory.ports.get(port.name);
  const up = isUp(port) ? true : isDown(port) ? false : (before?.up ?? false);
  const changed = before !== undefined && before.up !== up && isAdminUp(port);
  const now: PortMemory = {
    up,
    changesMs: changed ? [...before.changesMs, atMs].slice(-CHANGES_MAX) : (before?.changesMs ?? NO_CHANGES),
    discontinuityTicks: port.discontinuityTicks,
    octets: port.counters.filter((c) => c.bits === 64 && c.metric.endsWith("_octets_total")).map((c) => c.raw),
  };
  memory.ports.set(port.name, now);
  if (up && !memory.portsSeenUp.has(port.name)) {
    memory.portsSeenUp.add(port.name);
    memory.dirty = true;
  }
  return now;
}

/** Forgets ports that the device no longer has and that nothing is open about. */
export function forgetPorts(memory: DeviceMemory, present: ReadonlySet<string>): void {
  const open = new Set([...memory.firing.values()].map((f) => f.object));
  for (const name of memory.ports.keys()) {
    if (!present.has(name)) memory.ports.delete(name);
  }
  for (const name of memory.portsSeenUp) {
    if (present.has(name) || open.has(name)) continue;
    memory.portsSeenUp.delete(name);
    memory.dirty = true;
  }
}

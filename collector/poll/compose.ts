import type { Profile } from "../profile/index.ts";
import { SYSTEM } from "./layout.ts";
import type { Polled } from "./polled.ts";
import { readAddresses } from "./read/addresses.ts";
import { readMetrics, readProcessors, readStorages } from "./read/host.ts";
import { readInterfaces, renumberedOf } from "./read/interfaces.ts";
import { readNeighbours } from "./read/neighbours.ts";
import { readSensors } from "./read/sensors.ts";
import { readText } from "./read/text.ts";
import type { Answered } from "./reading.ts";
import { discontinuityOf } from "./reboot.ts";
import type { DeviceState } from "./state.ts";

const DESCRIPTION_CHARS_MAX = 255;

/** A reading without the facts of its poll. */
export type Composed = Omit<Answered, "takenAtMs" | "durationMs" | "requests">;

/** Turns values into a reading, judged against what the last poll left in `state`. */
export function compose(options: {
  polled: Polled;
  profile: Profile;
  state: DeviceState;
  device: string;
  readAtMs: number;
}): Composed {
  const { polled, profile, state, device } = options;
  const interfaces = readInterfaces(profile.interfaces, polled);
  return {
    kind: "answered",
    device,
    profile: profile.name,
    system: readSystem(profile, polled),
    discontinuity: discontinuityOf(state.uptime, uptimeOf(polled, options.readAtMs)),
    interfaces,
    renumbered: renumberedOf(state.interfaces, interfaces),
    processors: readProcessors(profile.processors, polled),
    storages: readStorages(profile, polled),
    sensors: readSensors(profile, polled),
    neighbours: readNeighbours(profile, polled, interfaces),
    addresses: readAddresses(profile, polled),
    metrics: readMetrics(profile.metrics, polled),
  };
}

function readSystem(profile: Profile, polled: Polled): Answered["system"] {
  const text = (part: keyof Profile["identity"]) => readText(part, profile, polled);
  return {
    uptimeTicks: polled.scalar(SYSTEM.uptime)?.number || 0,
    name: polled.scalar(SYSTEM.name)?.text ?? "",
    description: (polled.scalar(SYSTEM.description)?.text ?? "").slice(0, DESCRIPTION_CHARS_MAX),
    objectId: polled.scalar(SYSTEM.objectId)?.text ?? "",
    vendor: text("vendor"),
    model: text("model"),
    os: text("os"),
    osVersion: text("version"),
    serial: text("serial"),
  };
}

/** What the next poll's uptime is compared with; ticks are undefined where an agent does not tell. */
export function uptimeOf(polled: Polled, readAtMs: number): NonNullable<DeviceState["uptime"]> {
  const ticks = polled.scalar(SYSTEM.uptime)?.number;
  return { ticks, engineBoots: polled.scalar(SYSTEM.engineBoots)?.number || 0, readAtMs };
}

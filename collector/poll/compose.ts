import type { Profile } from "../profile/index.ts";
import { SYSTEM } from "./layout.ts";
import type { Polled } from "./polled.ts";
import { readAddresses } from "./read/addresses.ts";
import { readMetrics, readProcessors, readStorages } from "./read/host.ts";
import { readInterfaces, renumberedOf } from "./read/interfaces.ts";
import { readNeighbours } from "./read/neighbours.ts";
import { readSensors } from "./read/sensors.ts";
import { readText } from "./read/text.ts";
import type { Answered, InterfaceReading } from "./reading.ts";
import { discontinuityOf } from "./reboot.ts";
import type { DeviceState } from "./state.ts";

const DESCRIPTION_CHARS_MAX = 255;

/** A reading without the facts of its poll. */
export type Composed = Omit<Answered, "takenAtMs" | "durationMs" | "requests">;

export interface ComposeOptions {
  polled: Polled;
  profile: Profile;
  state: DeviceState;
  device: string;
  readAtMs: number;
  /** Made already. */
  interfaces?: InterfaceReading[];
}

/** Turns values into a reading, judged against what the last poll left in `state`. */
export function compose(options: ComposeOptions): Composed {
  const { polled, profile, state, device } = options;
  const { interfaces = readInterfaces(profile.interfaces, polled) } = options;
  return {
    kind: "answered",
    device,
    profile: profile.name,
    system: readSystem(profile, polled),
    discontinuity: discontinuityOf(state.uptime, uptimeOf(polled, options.readAtMs)),
    interfaces,
    renumbered: renumberedOf(state.interfaces, interfaces),
    neighbours: readNeighbours(profile, polled, interfaces),
    addresses: readAddresses(profile, polled),
    ...readMoving(profile, polled),
  };
}

/** The parts besides interfaces that are read with every poll. */
export function readMoving(
  profile: Profile,
  polled: Polled,
): Pick<Composed, "processors" | "storages" | "sensors" | "metrics"> {
  return {
    processors: readProcessors(profile.processors, polled),
    storages: readStorages(profile, polled),
    sensors: readSensors(profile, polled),
    metrics: readMetrics(profile.metrics, polled),
  };
}

function readSystem(profile: Profile, polled: Polled): Answered["system"] {
  const text = (part: keyof Profile["identity"]) => readText(part, profile, polled);
  return {
    uptimeTicks: polled.scalarNumber(SYSTEM.uptime) ?? 0,
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
  const ticks = polled.scalarNumber(SYSTEM.uptime);
  return { ticks, engineBoots: polled.scalarNumber(SYSTEM.engineBoots) ?? 0, readAtMs };
}

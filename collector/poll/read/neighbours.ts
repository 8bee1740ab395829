import type { Profile } from "../../profile/index.ts";
import type { Column, Polled, Value } from "../polled.ts";
import type { Answered, InterfaceReading } from "../reading.ts";
import { macText } from "./interfaces.ts";
import { NAME_CHARS_MAX } from "./text.ts";

const NEIGHBOURS_MAX = 2_000;

type Neighbour = Answered["neighbours"][number];

/** What LLDP and CDP tell of neighbours; one that both tell of comes once, as LLDP says. */
export function readNeighbours(
  profile: Profile,
  polled: Polled,
  interfaces: readonly InterfaceReading[],
): Answered["neighbours"] {
  const ports = new LocalPorts(profile, polled, interfaces);
  const lldp = onceEach([...fromLldp(profile.lldp, polled, ports), ...fromLldp(profile.lldpV2, polled, ports)]);
  const known = new Set(lldp.map(({ localPort, remoteSystem }) => `${localPort} ${hostName(remoteSystem)}`));
  const others = [
    ...fromCdp(profile.cdp, polled, ports),
    ...profile.neighbours.flatMap((heard) => fromOwn(heard, polled, ports)),
  ].filter(({ localPort, remoteSystem }) => !known.has(`${localPort} ${hostName(remoteSystem)}`));
  return [...lldp, ...others].slice(0, NEIGHBOURS_MAX);
}

/** Agents that speak both editions of LLDP tell of each neighbour twice. */
function onceEach(neighbours: readonly Neighbour[]): Neighbour[] {
  return [...new Map(neighbours.map((neighbour) => [JSON.stringify(neighbour), neighbour])).values()];
}

/** The row index of the remote table is time mark, local port, number. */
function fromLldp(lldp: Profile["lldp"], polled: Polled, ports: LocalPorts): Neighbour[] {
  if (!lldp) return [];
  const systems = polled.column(lldp.remoteSystem);
  const chassis = polled.column(lldp.remoteChassisId);
  const portIds = polled.column(lldp.remotePortId);
  const portDescriptions = polled.column(lldp.remotePortDescription);
  const rows = [...new Set([...portIds.keys(), ...systems.keys(), ...chassis.keys()])].slice(0, NEIGHBOURS_MAX);
  return rows.map((index) => ({
    localPort: ports.byLldp(index.split(".")[1] ?? ""),
    remoteSystem: (systems.get(index)?.text || idText(chassis.get(index))).slice(0, NAME_CHARS_MAX),
    remotePort: portName(portIds.get(index), portDescriptions.get(index)),
    protocol: "lldp" as const,
  }));
}

/** The row index of the cache is ifIndex, number. */
function fromCdp(cdp: Profile["cdp"], polled: Polled, ports: LocalPorts): Neighbour[] {
  if (!cdp) return [];
  const remotePorts = polled.column(cdp.remotePort);
  return [...polled.column(cdp.remoteSystem)].slice(0, NEIGHBOURS_MAX).map(([index, system]) => ({
    localPort: ports.byInterface(index.split(".")[0] ?? ""),
    remoteSystem: idText(system),
    remotePort: (remotePorts.get(index)?.text ?? "").slice(0, NAME_CHARS_MAX),
    protocol: "cdp" as const,
  }));
}

/** What a vendor's own protocol heard. */
function fromOwn(heard: Profile["neighbours"][number], polled: Polled, ports: LocalPorts): Neighbour[] {
  const own = polled.column(heard.interface);
  const remotePorts = polled.column(heard.remotePort);
  return [...polled.column(heard.remoteSystem)].slice(0, NEIGHBOURS_MAX).map(([index, system]) => ({
    localPort: ports.byInterface(own.get(index)?.text ?? index.split(".")[0] ?? ""),
    remoteSystem: idText(system),
    remotePort: (remotePorts.get(index)?.text ?? "").slice(0, NAME_CHARS_MAX),
    protocol: heard.protocol,
  }));
}

/** Names of the device's own ports: as its interfaces are called, since LLDP may number and name them otherwise. */
class LocalPorts {
  readonly #interfaces: readonly InterfaceReading[];
  readonly #described: Column;
  /** Made for the first neighbour: most devices tell of none. */
  #byIndex: ReadonlyMap<string, string> | undefined;
  #byName: ReadonlyMap<string, string> | undefined;
  readonly #ids: Column;
  readonly #descriptions: Column;

  constructor(profile: Profile, polled: Polled, interfaces: readonly InterfaceReading[]) {
    this.#interfaces = interfaces;
    this.#described = polled.column(profile.interfaces?.description);
    const { lldp, lldpV2 } = profile;
    this.#ids = polled.has(lldp?.localPortId) ? polled.column(lldp?.localPortId) : polled.column(lldpV2?.localPortId);
    this.#descriptions = polled.has(lldp?.localPortDescription)
      ? polled.column(lldp?.localPortDescription)
      : polled.column(lldpV2?.localPortDescription);
  }

  byLldp(number: string): string {
    const id = this.#ids.get(number);
    const description = this.#descriptions.get(number);
    const byName = (this.#byName ??= this.#named());
    const named = byName.get(id?.text ?? "") ?? byName.get(description?.text ?? "");
    return named ?? (portName(id, description) || this.byInterface(number));
  }

  byInterface(index: string): string {
    this.#byIndex ??= new Map(this.#interfaces.map((port) => [String(port.index), port.name]));
    return this.#byIndex.get(index) ?? index;
  }

  #named(): ReadonlyMap<string, string> {
    return new Map(
      this.#interfaces.flatMap(({ index, name, mac }) => [
        [this.#described.get(String(index))?.text ?? name, name],
        [mac === "" ? name : mac, name],
        [name, name],
      ]),
    );
  }
}

/** A name without its domain, for comparing what two protocols call one system. */
function hostName(system: string): string {
  return (system.split(/[.(]/, 1)[0] ?? "").toLowerCase();
}

/** A port id may be a name or six bytes of an address: then the description names the port, if it does. */
function portName(id: Value | undefined, description: Value | undefined): string {
  if (id && isPrintable(id.bytes)) return id.text.slice(0, NAME_CHARS_MAX);
  return (description?.text || idText(id)).slice(0, NAME_CHARS_MAX);
}

function idText(id: Value | undefined): string {
  if (!id) return "";
  return (isPrintable(id.bytes) ? id.text : macText(id.bytes)).slice(0, NAME_CHARS_MAX);
}

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte !== 0x7f && byte < 0x80);
}

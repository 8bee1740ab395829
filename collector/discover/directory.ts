import type { FoundDevice, Heard, Port } from "./found.ts";

/** Finds a device by what others call it. What two devices share names neither. */
export class Directory {
  readonly #byMac = new Map<string, FoundDevice | "several">();
  readonly #byName = new Map<string, FoundDevice | "several">();
  readonly #byAddress = new Map<string, FoundDevice | "several">();
  readonly #portByMac = new Map<string, { device: FoundDevice; port: Port } | "several">();
  readonly #ports = new Map<FoundDevice, Port[]>();

  constructor(devices: readonly FoundDevice[]) {
    for (const device of devices) this.#add(device);
    this.#addResolved(devices);
  }

  portsOf(device: FoundDevice): readonly Port[] {
    return this.#ports.get(device) ?? [];
  }

  /** By chassis, then by address, then by name: the surest first. */
  remoteOf(heard: Heard): FoundDevice | undefined {
    return (
      this.byMac(heard.remoteChassis) ??
      only(this.#byName.get(nameKey(heard.remoteChassis))) ??
      only(this.#byAddress.get(heard.remoteAddress)) ??
      only(this.#byName.get(nameKey(heard.remoteSystem)))
    );
  }

  byMac(mac: string): FoundDevice | undefined {
    return only(this.#byMac.get(mac));
  }

  /** The port with this address, where only one has it. */
  portByMac(mac: string): { device: FoundDevice; port: Port } | undefined {
    return only(this.#portByMac.get(mac));
  }

  #add(device: FoundDevice): void {
    const { main, members } = device;
    const ports = [...new Map(members.flatMap((m) => m.ports).map((port) => [port.name, port])).values()];
    this.#ports.set(device, ports);
    for (const { identity, address, addresses } of members) {
      note(this.#byMac, identity.chassisId, device);
      note(this.#byName, nameKey(identity.sysName), device);
      note(this.#byName, nameKey(identity.chassisId), device);
      for (const one of [address, ...addresses]) note(this.#byAddress, one, device);
    }
    // CDP of some systems says NAME(SERIAL).
    note(this.#byName, nameKey(`${main.identity.sysName}(${main.identity.serial})`), device);
    for (const port of ports) {
      if (port.mac === "") continue;
      note(this.#byMac, port.mac, device);
      const known = this.#portByMac.get(port.mac);
      this.#portByMac.set(port.mac, known === undefined ? { device, port } : "several");
    }
  }

  /** ARP tells the MAC address of devices that do not list theirs. */
  #addResolved(devices: readonly FoundDevice[]): void {
    for (const { members } of devices)
      for (const { address, mac } of members.flatMap((m) => m.resolved)) {
        const owner = only(this.#byAddress.get(address));
        if (owner) note(this.#byMac, mac, owner);
      }
  }
}

function note(map: Map<string, FoundDevice | "several">, key: string, device: FoundDevice): void {
  if (key === "") return;
  const known = map.get(key);
  if (known === undefined) map.set(key, device);
  else if (known !== device) map.set(key, "several");
}

function only<T extends object>(found: T | "several" | undefined): T | undefined {
  return found === "several" ? undefined : found;
}

/** A system's name without its domain and in small letters: protocols differ in both. An address stays whole. */
export function nameKey(name: string): string {
  const small = name.toLowerCase();
  return /^[\d.]+$/.test(small) || small.includes(":") ? small : (small.split(".", 1)[0] ?? "");
}

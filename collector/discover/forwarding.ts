import type { Directory } from "./directory.ts";
import type { FoundDevice, FoundLink, LinkEnd } from "./found.ts";

/**
 * Behind a port where a switch learnt the addresses of exactly one device, that device is likely plugged in. A port with
 * several is an uplink and says nothing; ports whose neighbour told of itself need no guess.
 */
export function inferFromForwarding(
  devices: readonly FoundDevice[],
  directory: Directory,
  told: readonly FoundLink[],
): FoundLink[] {
  const taken = new Set(told.flatMap(({ a, b }) => [placeOf(a), placeOf(b)]));
  const linked = new Set(told.map(({ a, b }) => [a.deviceKey, b.deviceKey].toSorted().join("\n")));
  const found = new Map<string, FoundLink>();
  for (const device of devices)
    for (const [port, behind] of behindPorts(device, directory)) {
      const [remote] = behind.keys();
      const a: LinkEnd = { deviceKey: device.key, system: device.main.identity.sysName, port };
      if (behind.size !== 1 || !remote || taken.has(placeOf(a))) continue;
      const pair = [device.key, remote.key].toSorted().join("\n");
      if (linked.has(pair)) continue;
      const b: LinkEnd = {
        deviceKey: remote.key,
        system: remote.main.identity.sysName,
        port: behind.get(remote) ?? "",
      };
      const known = found.get(pair);
      if (known) found.set(pair, { ...known, b: { ...known.b, port: port }, reason: BOTH });
      else found.set(pair, { a, b, protocols: ["fdb"], confidence: "low", reason: ONE });
    }
  return [...found.values()];
}

const ONE = "only this device's addresses were learnt at the port";
const BOTH = "each learnt only the other's addresses at its port";

/** Devices behind each port, with the port of theirs whose address was learnt. */
function behindPorts(device: FoundDevice, directory: Directory): Map<string, Map<FoundDevice, string>> {
  const ports = new Map<string, Map<FoundDevice, string>>();
  for (const { mac, port } of device.members.flatMap((m) => m.learned)) {
    const owner = directory.byMac(mac);
    if (!owner || owner === device) continue;
    const behind = ports.get(port) ?? new Map<FoundDevice, string>();
    ports.set(port, behind);
    behind.set(owner, behind.get(owner) || (directory.portByMac(mac)?.port.name ?? ""));
  }
  return ports;
}

function placeOf({ deviceKey, port }: LinkEnd): string {
  return JSON.stringify([deviceKey, port]);
}

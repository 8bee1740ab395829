import type { Directory } from "./directory.ts";
import type { FoundDevice, FoundLink, LinkEnd } from "./found.ts";

/** Devices behind a port, each with the port of its own whose address was learnt. */
type Behind = Map<FoundDevice, string>;

/**
 * What the forwarding tables let guess. Two that learnt each other's address, and no third at both of the ports, are
 * plugged into one another. Behind a port where only one device was learnt that device is likely plugged in. Ports
 * whose neighbour told of itself need no guess.
 */
export function inferFromForwarding(
  devices: readonly FoundDevice[],
  directory: Directory,
  told: readonly FoundLink[],
): FoundLink[] {
  const taken = new Set(told.flatMap(({ a, b }) => [placeOf(a), placeOf(b)]));
  const linked = new Set(told.map(({ a, b }) => pairOf(a.deviceKey, b.deviceKey)));
  const learned = new Map(devices.map((device) => [device, behindPorts(device, directory)]));
  const found = new Map<string, FoundLink>();
  for (const [device, ports] of learned)
    for (const [port, behind] of ports) {
      const a = endOf(device, port);
      if (taken.has(placeOf(a))) continue;
      const [guess, ...others] = guessesAt({ device, behind, learned });
      if (!guess || others.length > 0) continue;
      const pair = pairOf(device.key, guess.b.deviceKey);
      const known = found.get(pair);
      if (linked.has(pair) || taken.has(placeOf(guess.b)) || known?.confidence === "medium") continue;
      found.set(pair, { a, protocols: ["fdb"], ...guess });
    }
  return [...found.values()];
}

const ONE = "only this device's addresses were learnt at the port";
const BOTH = "each learnt the other's address at its port, and neither port leads to a third that the other leads to";

type Guess = Pick<FoundLink, "b" | "confidence" | "reason">;

function guessesAt(at: {
  device: FoundDevice;
  behind: Behind;
  learned: ReadonlyMap<FoundDevice, ReadonlyMap<string, Behind>>;
}): Guess[] {
  const { device, behind, learned } = at;
  const mutual = [...behind.keys()].flatMap((remote): Guess[] => {
    const back = [...(learned.get(remote) ?? [])].find(([, theirs]) => theirs.has(device));
    if (!back || [...behind.keys()].some((third) => third !== remote && back[1].has(third))) return [];
    return [{ b: endOf(remote, back[0]), confidence: "medium", reason: BOTH }];
  });
  const [only] = behind;
  if (mutual.length > 0 || !only || behind.size > 1) return mutual;
  return [{ b: endOf(...only), confidence: "low", reason: ONE }];
}

/** Devices behind each port. */
function behindPorts(device: FoundDevice, directory: Directory): Map<string, Behind> {
  const ports = new Map<string, Behind>();
  for (const { mac, port } of device.members.flatMap((m) => m.learned)) {
    const owner = directory.byMac(mac);
    if (!owner || owner === device) continue;
    const behind = ports.get(port) ?? new Map<FoundDevice, string>();
    ports.set(port, behind);
    behind.set(owner, behind.get(owner) || (directory.portByMac(mac)?.port.name ?? ""));
  }
  return ports;
}

function endOf(device: FoundDevice, port: string): LinkEnd {
  return { deviceKey: device.key, system: device.main.identity.sysName, port };
}

function pairOf(one: string, other: string): string {
  return [one, other].toSorted().join("\n");
}

function placeOf({ deviceKey, port }: LinkEnd): string {
  return JSON.stringify([deviceKey, port]);
}

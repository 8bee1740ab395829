import { Directory, nameKey } from "./directory.ts";
import type { FoundDevice, FoundLink, Heard, LinkEnd } from "./found.ts";
import { inferFromForwarding } from "./forwarding.ts";
import { portNamed } from "./read-tables.ts";

const LINKS_MAX = 50_000;

/** One end's word on a link. */
interface Claim {
  from: LinkEnd;
  to: LinkEnd;
  protocol: Heard["protocol"];
}

/** Links between devices: what LLDP and CDP tell at both ends, then what the forwarding tables let guess. */
export function connectDevices(devices: readonly FoundDevice[]): FoundLink[] {
  const directory = new Directory(devices);
  const claims = devices.flatMap((device) => claimsOf(device, directory));
  const byEnd = new Map(claims.map((claim) => [endKey(claim.from), claim]));
  const told = [...Map.groupBy(claims, ({ from, to }) => pairKey(from, to)).values()].map((group) =>
    linkOf(group, byEnd),
  );
  return [...told, ...inferFromForwarding(devices, directory, told)].slice(0, LINKS_MAX);
}

function claimsOf(device: FoundDevice, directory: Directory): Claim[] {
  return device.members.flatMap((member) =>
    member.heard.map(({ protocol, localPort, ...heard }) => {
      const remote = directory.remoteOf({ protocol, localPort, ...heard });
      const ports = remote ? directory.portsOf(remote) : [];
      const [named] = heard.remotePorts.flatMap((name) => portNamed(ports, name) ?? []);
      return {
        protocol,
        from: { deviceKey: device.key, system: device.main.identity.sysName, port: localPort },
        to: {
          deviceKey: remote?.key ?? "",
          system: remote?.main.identity.sysName || heard.remoteSystem || heard.remoteChassis,
          port: named?.name ?? heard.remotePorts[0] ?? "",
        },
      };
    }),
  );
}

/** Claims of one pair of ports, from either end. */
function linkOf(group: readonly Claim[], byEnd: ReadonlyMap<string, Claim>): FoundLink {
  const [first] = group;
  if (!first) throw new Error("a link without a claim");
  const { from, to } = first;
  const protocols = [...new Set(group.map(({ protocol }) => protocol))].toSorted();
  const both = group.some((claim) => endKey(claim.from) !== endKey(from));
  const [a, b] = endKey(from) < endKey(to) ? [from, to] : [to, from];
  if (both) return { a, b, protocols, confidence: "high", reason: "each end names the other" };
  const where = `${from.system || from.deviceKey} ${from.port}`;
  const other = to.deviceKey === "" ? undefined : byEnd.get(endKey(to));
  const reason = other
    ? `${where} names the other end, which names ${other.to.system} ${other.to.port} instead`
    : `only ${where} names the other end${to.deviceKey === "" ? ", which the scan did not find" : ""}`;
  return { a, b, protocols, confidence: "medium", reason };
}

/** LLDP and CDP call one port by two names; of an end that the scan did not find, the system's name has to do. */
function pairKey(from: LinkEnd, to: LinkEnd): string {
  const far = to.deviceKey === "" ? JSON.stringify(["?", nameKey(to.system)]) : endKey(to);
  return [endKey(from), far].toSorted().join("\n");
}

function endKey({ deviceKey, system, port }: LinkEnd): string {
  return JSON.stringify(deviceKey === "" ? ["?", system, port] : [deviceKey, port]);
}

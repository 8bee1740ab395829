import type { DeviceFacts } from "./facts.ts";

/** One cable as one of its ends sees it. Ports are empty when that end is unknown. */
export interface Edge {
  device: string;
  port: string;
  remote: string;
  remotePort: string;
}

export type Graph = ReadonlyMap<string, readonly Edge[]>;

/** Links between known devices. Both ends usually report a cable; their reports become one edge. */
export function buildGraph(facts: ReadonlyMap<string, DeviceFacts>): Graph {
  const resolve = resolver(facts);
  const reports = new Map<string, Edge[]>();
  for (const [device, { neighbours }] of facts) {
    for (const { localPort, remoteSystem, remotePort } of neighbours) {
      const remote = resolve(remoteSystem);
      if (remote === undefined || remote === device) continue;
      const pair = device < remote ? `${device}\n${remote}` : `${remote}\n${device}`;
      reports.set(pair, [...(reports.get(pair) ?? []), { device, port: localPort, remote, remotePort }]);
    }
  }
  const graph = new Map<string, Edge[]>([...facts.keys()].map((device) => [device, []]));
  for (const edges of reports.values()) {
    for (const edge of mergeEnds(edges)) {
      graph.get(edge.device)?.push(edge);
      graph.get(edge.remote)?.push(reversed(edge));
    }
  }
  return graph;
}

/** System names come with and without a domain, in any case; a short name must be unique to count. */
function resolver(facts: ReadonlyMap<string, DeviceFacts>): (systemName: string) => string | undefined {
  const exact = new Map<string, string>();
  const short = new Map<string, string | null>();
  for (const [device, { systemName }] of facts) {
    for (const name of [device, systemName].map((n) => n.toLowerCase()).filter((n) => n !== "")) {
      if (!exact.has(name) || name === device.toLowerCase()) exact.set(name, device);
      const first = firstLabel(name);
      const holder = short.get(first);
      short.set(first, holder === undefined || holder === device ? device : null);
    }
  }
  return (systemName) => {
    const name = systemName.toLowerCase();
    return exact.get(name) ?? short.get(firstLabel(name)) ?? undefined;
  };
}

function firstLabel(name: string): string {
  return name.split(".", 1)[0] ?? name;
}

/**
 * Pairs the two reports of one cable: by a port both name, else the only unpaired report of each side (one end may
 * call the far port by its MAC address).
 */
function mergeEnds(reports: readonly Edge[]): Edge[] {
  const [near] = reports;
  if (!near) return [];
  const ours = reports.filter((e) => e.device === near.device);
  const theirs = reports.filter((e) => e.device !== near.device);
  const merged: Edge[] = [];
  const alone: Edge[] = [];
  for (const edge of ours) {
    const at = theirs.findIndex((t) => t.remotePort === edge.port || t.port === edge.remotePort);
    const [twin] = at < 0 ? [] : theirs.splice(at, 1);
    if (twin) merged.push({ ...edge, remotePort: twin.port });
    else alone.push(edge);
  }
  const [onlyOurs] = alone;
  const [onlyTheirs] = theirs;
  if (onlyOurs && onlyTheirs && alone.length === 1 && theirs.length === 1) {
    return [...merged, { ...onlyOurs, remotePort: onlyTheirs.port }];
  }
  return [...merged, ...alone, ...theirs];
}

function reversed({ device, port, remote, remotePort }: Edge): Edge {
  return { device: remote, port: remotePort, remote: device, remotePort: port };
}

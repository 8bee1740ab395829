import type { Edge, Graph } from "./graph.ts";

export interface Standing {
  isDeviceDown(device: string): boolean;
  isInterfaceDown(device: string, port: string): boolean;
}

/** Breadth first from the root: for each device that can be reached, the edge it was reached by. */
export function reach(graph: Graph, root: string, passable: (edge: Edge) => boolean): Map<string, Edge | null> {
  const reached = new Map<string, Edge | null>([[root, null]]);
  const queue = [root];
  for (let head = 0; head < queue.length; head += 1) {
    for (const edge of graph.get(queue[head] ?? "") ?? []) {
      if (reached.has(edge.remote) || !passable(edge)) continue;
      reached.set(edge.remote, edge);
      queue.push(edge.remote);
    }
  }
  return reached;
}

/** Edges from the root to the device, by the tree that reach() gave. */
export function pathTo(tree: ReadonlyMap<string, Edge | null>, device: string): Edge[] {
  const path: Edge[] = [];
  for (let edge = tree.get(device); edge && path.length <= tree.size; edge = tree.get(edge.device)) path.push(edge);
  return path.toReversed();
}

export type Cut = { kind: "device"; device: string } | { kind: "interface"; device: string; port: string };

/** So many living neighbours that lost their cable to one device say that it is the device. */
const WITNESSES_MIN = 2;

/** What cuts the device off from the root; undefined while any way to it is left. The device itself counts as up. */
export function findCut(graph: Graph, root: string, device: string, standing: Standing): Cut | undefined {
  const tree = reach(graph, root, () => true);
  if (device === root || !tree.has(device)) return undefined;
  if (standing.isDeviceDown(root)) return { kind: "device", device: root };
  const open = reach(graph, root, (edge) => !brokenEnd(edge, standing) && !isDead(edge.remote));
  if (open.has(device) || countWitnesses(device) >= WITNESSES_MIN) return undefined;
  for (const hop of pathTo(tree, device)) {
    if (isDead(hop.remote) && countWitnesses(hop.remote) >= WITNESSES_MIN)
      return { kind: "device", device: hop.remote };
    const parallel = (graph.get(hop.device) ?? []).filter((edge) => edge.remote === hop.remote);
    const broken = parallel.map((edge) => brokenEnd(edge, standing));
    const first = broken.find((end) => end !== undefined);
    if (first && broken.every((end) => end !== undefined)) return first;
    if (isDead(hop.remote)) return { kind: "device", device: hop.remote };
  }
  return undefined;

  function isDead(name: string): boolean {
    return name !== device && standing.isDeviceDown(name);
  }

  function countWitnesses(name: string): number {
    const living = (graph.get(name) ?? []).filter((edge) => open.has(edge.remote) && brokenEnd(edge, standing));
    return new Set(living.map((edge) => edge.remote)).size;
  }
}

/** The end of the cable that is known to be down, the near one first. */
function brokenEnd(edge: Edge, standing: Standing): Cut | undefined {
  if (edge.port !== "" && standing.isInterfaceDown(edge.device, edge.port)) {
    return { kind: "interface", device: edge.device, port: edge.port };
  }
  if (edge.remotePort !== "" && standing.isInterfaceDown(edge.remote, edge.remotePort)) {
    return { kind: "interface", device: edge.remote, port: edge.remotePort };
  }
  return undefined;
}

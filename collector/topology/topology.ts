import type { DeviceConfig } from "../config/index.ts";
import type { Answered } from "../poll/reading.ts";
import { foldFacts, seeAgain } from "./facts.ts";
import { buildGraph, type Edge, type Graph } from "./graph.ts";
import { type Cut, findCut, pathTo, reach, type Standing } from "./reach.ts";
import { chooseRoot } from "./root.ts";
import type { FactStore } from "./store.ts";

/** Who is plugged into whom, as the devices say, seen from where the collector stands. */
export interface Topology {
  setDevices(devices: readonly DeviceConfig[]): void;
  learn(reading: Answered): void;
  /** The device that the collector stands behind; undefined while no link is known. */
  root(): string | undefined;
  /** Devices between the collector and this one, the root first; empty for the root and for unknown devices. */
  upstreamOf(device: string): string[];
  /** The far end of a port. */
  remoteOf(device: string, port: string): { device: string; port: string } | undefined;
  findCut(device: string, standing: Standing): Cut | undefined;
  /** Devices that cannot be reached without this one. */
  countBehind(device: string): number;
  /** Devices that cannot be reached without the cable at this port. */
  countBehindPort(device: string, port: string): number;
  links(): Edge[];
}

interface View {
  graph: Graph;
  root: string | undefined;
  tree: Map<string, Edge | null>;
}

export function createTopology(options: { store: FactStore; attachedTo: string | undefined }): Topology {
  const facts = options.store.all();
  let roles = new Map<string, DeviceConfig["role"]>();
  /** The list that a device's neighbours were taken from: the same from poll to poll while nothing moves. */
  const heard = new Map<string, Answered["neighbours"]>();
  let cached: View | undefined;

  function view(): View {
    if (cached) return cached;
    const graph = buildGraph(facts);
    const configured = options.attachedTo;
    const root = configured !== undefined && graph.has(configured) ? configured : chooseRoot(graph, roles);
    const tree = root === undefined ? new Map<string, Edge | null>() : reach(graph, root, () => true);
    cached = { graph, root, tree };
    return cached;
  }

  function countWithout(passable: (edge: Edge) => boolean): number {
    const { graph, root, tree } = view();
    return root === undefined ? 0 : tree.size - reach(graph, root, passable).size;
  }

  return {
    setDevices(devices) {
      roles = new Map(devices.map((d) => [d.name, d.role]));
      for (const device of [...facts.keys()].filter((name) => !roles.has(name))) {
        facts.delete(device);
        heard.delete(device);
        options.store.remove(device);
      }
      cached = undefined;
    },
    learn(reading) {
      if (!roles.has(reading.device)) return;
      const known = facts.get(reading.device);
      if (known && heard.get(reading.device) === reading.neighbours && seeAgain(known, reading)) return;
      heard.set(reading.device, reading.neighbours);
      const folded = foldFacts(known, reading);
      facts.set(reading.device, folded.facts);
      if (!folded.changed) return;
      options.store.put(reading.device, folded.facts);
      cached = undefined;
    },
    root: () => view().root,
    upstreamOf: (device) => pathTo(view().tree, device).map((edge) => edge.device),
    remoteOf(device, port) {
      const edge = view()
        .graph.get(device)
        ?.find((e) => e.port === port);
      return edge && { device: edge.remote, port: edge.remotePort };
    },
    findCut(device, standing) {
      const { graph, root } = view();
      return root === undefined ? undefined : findCut(graph, root, device, standing);
    },
    countBehind(device) {
      const { root, tree } = view();
      if (!tree.has(device)) return 0;
      return device === root ? tree.size - 1 : countWithout((edge) => edge.remote !== device) - 1;
    },
    countBehindPort: (device, port) => countWithout((edge) => !isCable(edge, device, port)),
    links: () => [...view().graph.values()].flat().filter((edge) => edge.device < edge.remote),
  };
}

function isCable(edge: Edge, device: string, port: string): boolean {
  return (edge.device === device && edge.port === port) || (edge.remote === device && edge.remotePort === port);
}

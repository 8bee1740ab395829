import type { Cable, SiteTopology, TopologyNode } from "../../device/index.ts";

export interface Placed {
  node: TopologyNode;
  row: number;
  /** Place within the row, from 0. */
  column: number;
}

export interface Layout {
  placed: Placed[];
  rows: number;
  /** Places of the widest row. */
  columns: number;
}

/** How far down a role stands. What has no role here stands below the first thing it is cabled to. */
const ROLE_LAYERS: Readonly<Record<string, number>> = {
  router: 0,
  firewall: 1,
  core: 2,
  distribution: 3,
  access: 4,
};
const LAYER_LAST = 5;
const SWEEPS = 4;

/** Layers by role, top to bottom; within a layer everything stands near what it is cabled to. Wide layers take several rows. */
export function layoutOf({ nodes, cables }: SiteTopology, columnsMax: number): Layout {
  const near = neighboursOf(cables);
  const layers = layersOf(nodes, near);
  const place = new Map<string, number>();
  for (const layer of layers) for (const [index, { id }] of layer.entries()) place.set(id, shareOf(index, layer));
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed()) sortByNeighbours(layer, near, place);
  }
  const rows = layers.flatMap((layer) => rowsOf(layer, columnsMax));
  return {
    placed: rows.flatMap((row, index) => row.map((node, column) => ({ node, row: index, column }))),
    rows: rows.length,
    columns: Math.max(0, ...rows.map((row) => row.length)),
  };
}

/** As few rows as will do, all about as long. */
function rowsOf(layer: readonly TopologyNode[], columnsMax: number): TopologyNode[][] {
  const rows = Math.ceil(layer.length / columnsMax);
  const length = Math.ceil(layer.length / Math.max(1, rows));
  return Array.from({ length: rows }, (_, index) => layer.slice(index * length, (index + 1) * length));
}

type Near = ReadonlyMap<string, readonly string[]>;

function neighboursOf(cables: readonly Cable[]): Near {
  const near = new Map<string, string[]>();
  for (const { ends } of cables) {
    const [a, b] = ends;
    near.set(a.deviceId, [...(near.get(a.deviceId) ?? []), b.deviceId]);
    near.set(b.deviceId, [...(near.get(b.deviceId) ?? []), a.deviceId]);
  }
  return near;
}

function layersOf(nodes: readonly TopologyNode[], near: Near): TopologyNode[][] {
  const layerById = new Map<string, number>();
  for (const { id, role } of nodes) {
    const layer = layerOfRole(role);
    if (layer !== undefined) layerById.set(id, layer);
  }
  const first = layerById.size === 0 ? bestConnected(nodes, near) : undefined;
  if (first) layerById.set(first.id, 0);
  const least = first ? 0 : LAYER_LAST;
  // Breadth first: each step goes one further down, and never in between the layers of switches.
  let edge = [...layerById.keys()];
  for (let step = 0; step < nodes.length && edge.length > 0; step += 1) {
    const reached: string[] = [];
    for (const id of edge) {
      for (const next of near.get(id) ?? []) {
        if (layerById.has(next)) continue;
        layerById.set(next, Math.max(least, (layerById.get(id) ?? 0) + 1));
        reached.push(next);
      }
    }
    edge = reached;
  }
  const byLayer = Map.groupBy(nodes, ({ id }) => layerById.get(id) ?? LAYER_LAST);
  return [...byLayer].toSorted(([a], [b]) => a - b).map(([, layer]) => layer);
}

/** Where no role tells what the core is, it is what most cables end at. */
function bestConnected(nodes: readonly TopologyNode[], near: Near): TopologyNode | undefined {
  const degree = ({ id }: TopologyNode) => near.get(id)?.length ?? 0;
  return nodes.toSorted((a, b) => degree(b) - degree(a))[0];
}

/** "core switch" is a core as well. */
function layerOfRole(role: string): number | undefined {
  const name = Object.keys(ROLE_LAYERS).find((known) => role === known || role.startsWith(`${known} `));
  // An access point hangs below its switch; it is no access switch.
  return name === undefined || role === "access point" ? undefined : ROLE_LAYERS[name];
}

function shareOf(index: number, layer: readonly TopologyNode[]): number {
  return (index + 0.5) / layer.length;
}

/** Puts each node at the mean place of its neighbours in other layers; who has none stays where it is. */
function sortByNeighbours(layer: TopologyNode[], near: Near, place: Map<string, number>): void {
  const own = new Set(layer.map(({ id }) => id));
  const wanted = new Map(
    layer.map(({ id }) => {
      const places = (near.get(id) ?? []).flatMap((other) => (own.has(other) ? [] : (place.get(other) ?? [])));
      const mean = places.reduce((sum, one) => sum + one, 0) / places.length;
      return [id, places.length === 0 ? (place.get(id) ?? 0) : mean];
    }),
  );
  layer.sort((a, b) => (wanted.get(a.id) ?? 0) - (wanted.get(b.id) ?? 0));
  for (const [index, { id }] of layer.entries()) place.set(id, shareOf(index, layer));
}

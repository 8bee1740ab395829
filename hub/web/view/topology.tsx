import { TopologyMap, type TopologyView } from "@watchpost/ui";
import { type Cable, listCollectors, listSites, siteTopology } from "../../device/index.ts";
import { type Region, region } from "./region.tsx";
import type { Source } from "./source.ts";
import { layoutOf } from "./topology-layout.ts";

/** What stands side by side on a window of 1440 px. */
const COLUMNS_MAX = 10;
const OPER_UP = 1;
const OPER_DOWN = [2, 7];

/** A site's name from a query string; empty stands for the first site. */
export function topologySite(query: Record<string, string>): string {
  return /^[a-z0-9-]{1,63}$/.test(query["site"] ?? "") ? (query["site"] ?? "") : "";
}

export async function loadTopology(source: Source, wanted: string): Promise<TopologyView> {
  const sites = await listSites(source.ctx);
  const site = sites.find(({ name }) => name === wanted) ?? sites[0];
  const shown = sites.map(({ name, title }) => ({ name, title }));
  if (!site) return { site: "", sites: shown, nodes: [], cables: [], rows: 0, columns: 0 };
  const [topology, collectors] = await Promise.all([siteTopology(source.ctx, site.name), listCollectors(source.ctx)]);
  const { placed, rows, columns } = layoutOf(topology, COLUMNS_MAX);
  const of = collectors.filter(({ siteId, status }) => siteId === site.id && status !== "revoked");
  const isAway = of.length > 0 && of.every(({ status }) => status !== "streaming");
  const seenMs = Math.max(0, ...of.map(({ lastSeenAt }) => lastSeenAt?.getTime() ?? 0));
  return {
    site: site.name,
    sites: shown,
    nodes: placed.map(({ node, row, column }) => ({
      ...node,
      row,
      column,
      width: placed.filter((other) => other.row === row).length,
    })),
    cables: topology.cables.map((cable) => ({
      from: cable.ends[0].deviceId,
      to: cable.ends[1].deviceId,
      label: cable.ends.map((end) => `${nameOf(topology.nodes, end.deviceId)} ${end.port}`).join(" to "),
      state: stateOf(cable),
    })),
    rows,
    columns,
    ...(isAway && seenMs > 0 ? { asOf: new Date(seenMs) } : {}),
  };
}

function nameOf(nodes: readonly { id: string; name: string }[], id: string): string {
  return nodes.find((node) => node.id === id)?.name ?? "";
}

/** Down as soon as one end says so: the other may not be able to tell any more. */
function stateOf({ ends }: Cable): "up" | "down" | "unknown" {
  if (ends.some(({ operStatus }) => operStatus !== undefined && OPER_DOWN.includes(operStatus))) return "down";
  return ends.some(({ operStatus }) => operStatus === OPER_UP) ? "up" : "unknown";
}

export async function topologyRegions(source: Source, site: string): Promise<Region[]> {
  const view = await loadTopology(source, site);
  return [await region("topology-map", <TopologyMap view={view} />)];
}

import type { DeviceConfig } from "../config/index.ts";
import type { Graph } from "./graph.ts";

const ROLE_RANK: Record<DeviceConfig["role"], number> = {
  core: 0,
  distribution: 1,
  router: 2,
  firewall: 2,
  access: 3,
  server: 4,
  ups: 4,
  "access-point": 4,
  "": 4,
};

/** Where the collector most likely stands: beside the best connected device of the innermost role. */
export function chooseRoot(graph: Graph, roles: ReadonlyMap<string, DeviceConfig["role"]>): string | undefined {
  const degree = (device: string): number => new Set((graph.get(device) ?? []).map((edge) => edge.remote)).size;
  const rank = (device: string): number => ROLE_RANK[roles.get(device) ?? ""];
  return [...graph.keys()]
    .filter((device) => degree(device) > 0)
    .toSorted((a, b) => rank(a) - rank(b) || degree(b) - degree(a) || a.localeCompare(b))[0];
}

import { devices, interfaces, links, sites } from "@watchpost/db/schema";
import { and, asc, eq, isNotNull } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Context } from "../context.ts";
import { requirePermission } from "../identity/index.ts";
import { stateName } from "./summary.ts";
import type { DeviceStateName } from "./view.ts";

const DEVICES_MAX = 2_000;
const LINKS_MAX = 10_000;

export interface TopologyNode {
  id: string;
  name: string;
  role: string;
  state: DeviceStateName;
}

export interface CableEnd {
  deviceId: string;
  port: string;
  /** ifOperStatus as last told; undefined where that end's ports are not read. */
  operStatus: number | undefined;
}

/** One cable between two devices of the site, however many of its ends report it. */
export interface Cable {
  ends: readonly [CableEnd, CableEnd];
}

export interface SiteTopology {
  nodes: TopologyNode[];
  cables: Cable[];
}

/** The devices of a site and the cables between them, as their neighbour tables say. */
export async function siteTopology(ctx: Context, site: string): Promise<SiteTopology> {
  requirePermission(ctx, "device:read");
  const ofSite = eq(sites.name, site);
  const nodes = await ctx.db
    .select({ id: devices.id, name: devices.name, role: devices.role, state: devices.state })
    .from(devices)
    .innerJoin(sites, eq(sites.id, devices.siteId))
    .where(and(ofSite, eq(devices.configured, true)))
    .orderBy(asc(devices.name))
    .limit(DEVICES_MAX);
  // A cut cable vanishes from the neighbour table of the end that is still reached: its port is asked by name.
  const far = alias(interfaces, "far");
  const reports = await ctx.db
    .select({
      deviceId: links.deviceId,
      port: links.localPort,
      remoteId: links.remoteDeviceId,
      remotePort: links.remotePort,
      operStatus: interfaces.operStatus,
      remoteOperStatus: far.operStatus,
    })
    .from(links)
    .innerJoin(sites, eq(sites.id, links.siteId))
    .leftJoin(interfaces, and(eq(interfaces.deviceId, links.deviceId), eq(interfaces.name, links.localPort)))
    .leftJoin(far, and(eq(far.deviceId, links.remoteDeviceId), eq(far.name, links.remotePort)))
    .where(and(ofSite, isNotNull(links.remoteDeviceId)))
    .orderBy(asc(links.deviceId), asc(links.localPort))
    .limit(LINKS_MAX);
  const known = new Set(nodes.map(({ id }) => id));
  return {
    nodes: nodes.map((node) => ({ ...node, state: stateName(node.state) })),
    cables: cablesOf(reports).filter(({ ends }) => ends.every(({ deviceId }) => known.has(deviceId))),
  };
}

interface Report {
  deviceId: string;
  port: string;
  remoteId: string | null;
  remotePort: string;
  operStatus: number | null;
  remoteOperStatus: number | null;
}

/** Both ends report the same cable; each adds the state of its own port. */
function cablesOf(reports: readonly Report[]): Cable[] {
  const cables = new Map<string, Cable>();
  for (const { deviceId, port, remoteId, remotePort, operStatus, remoteOperStatus } of reports) {
    if (remoteId === null || remoteId === deviceId) continue;
    const here = { deviceId, port, operStatus: operStatus ?? undefined };
    const there = { deviceId: remoteId, port: remotePort, operStatus: remoteOperStatus ?? undefined };
    const ends = [here, there].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const key = ends.map(keyOf).join(" ");
    const before = cables.get(key);
    const [first = here, second = there] = ends.map((end) => ({
      ...end,
      operStatus: end.operStatus ?? before?.ends.find((one) => keyOf(one) === keyOf(end))?.operStatus,
    }));
    cables.set(key, { ends: [first, second] });
  }
  return [...cables.values()];
}

function keyOf({ deviceId, port }: Pick<CableEnd, "deviceId" | "port">): string {
  return `${deviceId}/${port}`;
}

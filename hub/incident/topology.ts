import type { Database, Transaction } from "@watchpost/db";
import { devices, links } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";

export interface Site {
  /** Devices that the site's collectors poll, by name. */
  devices: ReadonlyMap<string, SiteDevice>;
  edgesOf: ReadonlyMap<string, readonly Edge[]>;
}

export interface SiteDevice {
  id: string;
  name: string;
  role: string;
  state: string;
}

/** One cable, however many of its ends report it. A neighbour that is not polled has an edge too. */
export interface Edge {
  ends: readonly [End, End];
}

export interface End {
  device: string;
  port: string;
}

/** How far up a role stands; an interface towards a higher role is an uplink. */
const ROLE_RANK: Readonly<Record<string, number>> = {
  router: 6,
  firewall: 5,
  core: 4,
  distribution: 3,
  access: 2,
  "access-point": 1,
  server: 1,
  ups: 1,
};

export const NO_SITE: Site = { devices: new Map(), edgesOf: new Map() };

/** Read for every batch that matters: named, so that Postgres plans them once a connection. */
export async function loadSite(db: Database | Transaction, siteId: string): Promise<Site> {
  const [deviceRows, linkRows] = await Promise.all([
    db
      .select({ id: devices.id, name: devices.name, role: devices.role, state: devices.state })
      .from(devices)
      .where(eq(devices.siteId, siteId))
      .prepare("devices_of_site")
      .execute(),
    db.select().from(links).where(eq(links.siteId, siteId)).prepare("links_of_site").execute(),
  ]);
  const nameOf = new Map(deviceRows.map((d) => [d.id, d.name]));
  const rows = linkRows.flatMap((row) => {
    const device = nameOf.get(row.deviceId);
    if (device === undefined) return [];
    const remote = (row.remoteDeviceId && nameOf.get(row.remoteDeviceId)) || row.remoteSystem;
    return [{ local: { device, port: row.localPort }, remote: { device: remote, port: row.remotePort } }];
  });
  return makeSite(deviceRows, rows);
}

/** Joins the two reports of one cable into one edge: the ports agree at one end at least. */
export function makeSite(polled: readonly SiteDevice[], rows: readonly { local: End; remote: End }[]): Site {
  const edgesOf = new Map<string, Edge[]>();
  for (const { local, remote } of rows) {
    const known = edgesOf.get(local.device)?.some((edge) => {
      const near = endAt(edge, local.device);
      const far = farEnd(edge, local.device);
      return far.device === remote.device && (near.port === local.port || far.port === remote.port);
    });
    if (known === true || local.device === remote.device) continue;
    const edge: Edge = { ends: [local, remote] };
    for (const { device } of edge.ends) edgesOf.set(device, [...(edgesOf.get(device) ?? []), edge]);
  }
  return { devices: new Map(polled.map((device) => [device.name, device])), edgesOf };
}

export function farEnd(edge: Edge, device: string): End {
  return edge.ends[0].device === device ? edge.ends[1] : edge.ends[0];
}

function endAt(edge: Edge, device: string): End {
  return edge.ends[0].device === device ? edge.ends[0] : edge.ends[1];
}

export function edgesOf(site: Site, device: string): readonly Edge[] {
  return site.edgesOf.get(device) ?? [];
}

/** The cable in this port, when a neighbour table told of one. */
export function edgeAt(site: Site, device: string, port: string): Edge | undefined {
  return edgesOf(site, device).find((edge) => endAt(edge, device).port === port);
}

export function roleRank(site: Site, device: string): number {
  return ROLE_RANK[site.devices.get(device)?.role ?? ""] ?? 0;
}

export function isUplink(site: Site, device: string, port: string): boolean {
  const edge = edgeAt(site, device, port);
  return edge !== undefined && roleRank(site, farEnd(edge, device).device) > roleRank(site, device);
}

/** Neighbours that stand higher than the device. */
export function upstreamOf(site: Site, device: string): string[] {
  const rank = roleRank(site, device);
  return edgesOf(site, device)
    .map((edge) => farEnd(edge, device).device)
    .filter((far) => roleRank(site, far) > rank);
}

export interface Failure {
  /** Where the view is taken: a device that answers. */
  from: string;
  edge?: Edge | undefined;
  device?: string | undefined;
}

/** Polled devices that `from` can no longer reach once the edge or the device is gone, but could before. */
export function cutOff(site: Site, failure: Failure): Set<string> {
  const before = reach(site, { from: failure.from });
  const after = reach(site, failure);
  const lost = [...before].filter((name) => !after.has(name) && name !== failure.device && site.devices.has(name));
  return new Set(lost);
}

function reach(site: Site, { from, edge, device }: Failure): Set<string> {
  const seen = new Set([from]);
  const queue = [from];
  for (const at of queue) {
    for (const next of edgesOf(site, at)) {
      const far = farEnd(next, at).device;
      if (next === edge || far === device || seen.has(far)) continue;
      seen.add(far);
      queue.push(far);
    }
  }
  return seen;
}

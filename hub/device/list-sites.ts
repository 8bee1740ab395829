import { collectorConfigs, collectors, sites } from "@watchpost/db/schema";
import { and, eq, ilike, or, type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { requirePermission } from "../identity/index.ts";
import type { CollectorStatus, CollectorSummary, PushedConfig, SiteSummary } from "./view.ts";

const ROWS_MAX = 2_000;

const SEARCH_LENGTH_MAX = 100;

export interface ListSites {
  /** Part of the name or title. */
  search?: string;
  limit?: number;
}

export async function listSites(ctx: Context, input: ListSites = {}): Promise<SiteSummary[]> {
  requirePermission(ctx, "site:read");
  return ctx.db
    .select({
      id: sites.id,
      name: sites.name,
      title: sites.title,
      collectors: sql<number>`(select count(*)::int from control_plane.collectors c
        where c.site_id = sites.id and c.status <> 'revoked')`,
      collectorsStreaming: sql<number>`(select count(*)::int from control_plane.collectors c
        where c.site_id = sites.id and c.status = 'streaming')`,
      devices: sql<number>`(select count(*)::int from control_plane.devices d
        where d.site_id = sites.id and d.configured)`,
      devicesDown: sql<number>`(select count(*)::int from control_plane.devices d
        where d.site_id = sites.id and d.configured and d.state = 'down')`,
      devicesUp: sql<number>`(select count(*)::int from control_plane.devices d
        where d.site_id = sites.id and d.configured and d.state = 'up')`,
    })
    .from(sites)
    .where(input.search === undefined ? undefined : matches(input.search))
    .orderBy(sites.name)
    .limit(Math.min(input.limit ?? ROWS_MAX, ROWS_MAX));
}

function matches(search: string): SQL | undefined {
  const pattern = `%${search
    .trim()
    .slice(0, SEARCH_LENGTH_MAX)
    .replaceAll(/[\\%_]/g, "\\$&")}%`;
  return or(ilike(sites.name, pattern), ilike(sites.title, pattern));
}

/** The newest configuration that was pushed to a collector. */
const NEWEST = sql`(select max(version) from control_plane.collector_configs c where c.collector_id = collectors.id)`;

export async function listCollectors(ctx: Context): Promise<CollectorSummary[]> {
  requirePermission(ctx, "collector:read");
  const rows = await ctx.db
    .select({
      collector: collectors,
      site: sites.name,
      devices: sql<number>`(select count(*)::int from control_plane.devices d
        where d.collector_id = collectors.id and d.configured)`,
      config: { version: collectorConfigs.version, state: collectorConfigs.state, reason: collectorConfigs.reason },
    })
    .from(collectors)
    .innerJoin(sites, eq(sites.id, collectors.siteId))
    .leftJoin(
      collectorConfigs,
      and(eq(collectorConfigs.collectorId, collectors.id), eq(collectorConfigs.version, NEWEST)),
    )
    .orderBy(sites.name, collectors.name)
    .limit(ROWS_MAX);
  return rows.map(({ collector, site, devices, config }) => ({
    id: collector.id,
    name: collector.name,
    site,
    siteId: collector.siteId,
    version: collector.version,
    status: statusName(collector.status),
    enrolledAt: collector.enrolledAt,
    lastSeenAt: collector.lastSeenAt ?? undefined,
    certificateNotAfter: collector.certificateNotAfter,
    clockOffsetMs: collector.clockOffsetMs ?? undefined,
    samplesPending: collector.samplesPending ?? undefined,
    eventsPending: collector.eventsPending ?? undefined,
    allowedScripts: collector.allowedScripts,
    configVersion: collector.configVersion,
    pushedConfig: config ? { ...config, state: configState(config.state) } : undefined,
    devices,
  }));
}

function configState(state: string): PushedConfig["state"] {
  return state === "applied" || state === "refused" ? state : "pushed";
}

function statusName(status: string): CollectorStatus {
  return status === "streaming" || status === "revoked" ? status : "disconnected";
}

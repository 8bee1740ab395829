import { type CollectorRowView, CollectorTable, type SiteRowView, SiteTable } from "@watchpost/ui";
import { listCollectors, listSites } from "../../device/index.ts";
import { listIncidents } from "../../incident/index.ts";
import { type Region, region } from "./region.tsx";
import { collectorRows, siteRows } from "./site-rows.ts";
import type { Source } from "./source.ts";

const OPEN_MAX = 200;

export async function loadSites({ ctx }: Source): Promise<SiteRowView[]> {
  const [sites, collectors, open] = await Promise.all([
    listSites(ctx),
    listCollectors(ctx),
    listIncidents(ctx, { status: "open", limit: OPEN_MAX }),
  ]);
  return siteRows({ sites, collectors, open: open.incidents });
}

export async function siteRegions(source: Source): Promise<Region[]> {
  const sites = await loadSites(source);
  return [await region("site-table", <SiteTable sites={sites} nowMs={source.nowMs} />)];
}

export async function loadCollectors({ ctx }: Source): Promise<CollectorRowView[]> {
  return collectorRows(await listCollectors(ctx));
}

export async function collectorRegions(source: Source): Promise<Region[]> {
  const rows = await loadCollectors(source);
  return [await region("collector-table", <CollectorTable rows={rows} nowMs={source.nowMs} />)];
}

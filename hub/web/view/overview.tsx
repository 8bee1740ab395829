import { Burning, CollectorTable, DeviceSummary, NewestInsights, type OverviewView, SiteTable } from "@watchpost/ui";
import { listCollectors, listSites } from "../../device/index.ts";
import { type Incident, listIncidents } from "../../incident/index.ts";
import { incidentRows, withoutTitle } from "./incident-row.ts";
import { type Region, region } from "./region.tsx";
import { collectorRows, siteRows, totalOf } from "./site-rows.ts";
import type { Source } from "./source.ts";

const OPEN_MAX = 200;
const BURNING_MAX = 12;
const INSIGHTS_MAX = 6;

export async function loadOverview(source: Source): Promise<OverviewView> {
  const { ctx, nowMs } = source;
  const [sites, collectors, page] = await Promise.all([
    listSites(ctx),
    listCollectors(ctx),
    listIncidents(ctx, { status: "open", limit: OPEN_MAX }),
  ]);
  const open = page.incidents.filter((incident) => incident.status !== "silenced");
  const burning = open.toSorted(byUrgency).slice(0, BURNING_MAX);
  return {
    burning: {
      rows: await incidentRows(source, burning),
      more: open.length - burning.length,
      waiting: open.filter(({ status }) => status === "new").length,
      inHand: open.filter(({ status }) => status !== "new").length,
      devices: totalOf(sites),
      nowMs,
    },
    sites: siteRows({ sites, collectors, open }),
    insights: newestInsights(source, page.incidents),
    collectors: collectorRows(collectors),
    nowMs,
  };
}

/** What nobody has taken yet comes first, then priority, then age. */
function byUrgency(a: Incident, b: Incident): number {
  const taken = Number(a.status !== "new") - Number(b.status !== "new");
  return taken || a.priority.localeCompare(b.priority) || b.createdAt.getTime() - a.createdAt.getTime();
}

function newestInsights(source: Source, incidents: readonly Incident[]): OverviewView["insights"] {
  return source.trail
    .newest(INSIGHTS_MAX * 4)
    .flatMap(({ incidentId, step }) => {
      const incident = incidents.find(({ id }) => id === incidentId);
      if (!incident) return [];
      return [
        {
          incidentId,
          number: incident.number,
          title: incident.title,
          text: withoutTitle(step.text, incident.title),
          at: new Date(step.atMs),
        },
      ];
    })
    .slice(0, INSIGHTS_MAX);
}

export async function overviewRegions(source: Source): Promise<Region[]> {
  const view = await loadOverview(source);
  return Promise.all([
    region("overview-burning", <Burning view={view.burning} />),
    region("site-table", <SiteTable sites={view.sites} nowMs={view.nowMs} />),
    region("collector-table", <CollectorTable rows={view.collectors} nowMs={view.nowMs} brief />),
    region("overview-insights", <NewestInsights insights={view.insights} nowMs={view.nowMs} />),
    region("overview-devices", <DeviceSummary counts={view.burning.devices} />),
  ]);
}

import { IncidentList, type IncidentListView } from "@watchpost/ui";
import { INCIDENT_STATUSES, type ListIncidents, listIncidents, SEVERITIES } from "../../incident/index.ts";
import { incidentRows } from "./incident-row.ts";
import { type Region, region } from "./region.tsx";
import type { Source } from "./source.ts";

const SHOWN_MAX = 100;

export interface IncidentFilter {
  status: NonNullable<ListIncidents["status"]> | "all";
  severity: string;
  site: string;
  search: string;
}

/** From a query string; what is not known counts as not given. */
export function incidentFilter(query: Record<string, string>): IncidentFilter {
  const status = query["status"];
  return {
    status: status === "all" ? "all" : (INCIDENT_STATUSES.find((known) => known === status) ?? "open"),
    severity: SEVERITIES.find((known) => known === query["severity"]) ?? "",
    site: /^[a-z0-9-]{1,63}$/.test(query["site"] ?? "") ? (query["site"] ?? "") : "",
    search: (query["search"] ?? "").slice(0, 100),
  };
}

/** As a query string without the empty parts: the key of the list's live stream. */
export function incidentQuery(filter: IncidentFilter): string {
  const parts = Object.entries(filter).filter(
    ([name, value]) => value !== "" && !(name === "status" && value === "open"),
  );
  return new URLSearchParams(parts).toString();
}

export async function loadIncidents(source: Source, filter: IncidentFilter): Promise<IncidentListView> {
  const page = await listIncidents(source.ctx, {
    status: filter.status === "all" ? undefined : filter.status,
    severity: SEVERITIES.find((known) => known === filter.severity),
    site: filter.site === "" ? undefined : filter.site,
    search: filter.search === "" ? undefined : filter.search,
    limit: SHOWN_MAX,
  });
  return {
    rows: await incidentRows(source, page.incidents),
    hasMore: page.nextCursor !== null,
    filtered: incidentQuery(filter) !== "",
    nowMs: source.nowMs,
  };
}

export async function incidentListRegions(source: Source, filter: IncidentFilter): Promise<Region[]> {
  const view = await loadIncidents(source, filter);
  return [await region("incident-list", <IncidentList view={view} />)];
}

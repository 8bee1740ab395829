import type { Insight, Severity, WatchRequest } from "@watchpost/proto";

/** Empty fields match everything. */
export interface InsightFilter {
  site: string;
  incidentId: string;
  minSeverity: Severity;
}

export function filterOf(request: WatchRequest): InsightFilter {
  const { site, incidentId, minSeverity } = request;
  return { site, incidentId, minSeverity };
}

export function matches(filter: InsightFilter, insight: Insight): boolean {
  return (
    (filter.site === "" || filter.site === insight.site) &&
    (filter.incidentId === "" || filter.incidentId === insight.incidentId) &&
    insight.severity >= filter.minSeverity
  );
}

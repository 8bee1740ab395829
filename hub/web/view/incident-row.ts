import type { IncidentRowView } from "@watchpost/ui";
import { may } from "../../identity/index.ts";
import type { Incident } from "../../incident/index.ts";
import type { Source } from "./source.ts";

/** Rows of a list, with what the analysis found and the number that matters. */
export async function incidentRows(source: Source, incidents: readonly Incident[]): Promise<IncidentRowView[]> {
  const sparks = await source.sparks.of(incidents);
  const mayChange = may(source.role, "incident:acknowledge");
  return incidents.map((incident) => {
    const cause = source.trail
      .stepsOf(incident.id)
      .findLast(({ step }) => step === "cause" || step === "finished")?.text;
    const spark = sparks.get(incident.id);
    return {
      id: incident.id,
      number: incident.number,
      title: incident.title,
      severity: incident.severity,
      priority: incident.priority,
      status: incident.status,
      openedAt: incident.createdAt,
      devices: incident.deviceCount,
      mayChange,
      ...(incident.site === null ? {} : { site: incident.site }),
      ...(incident.assignee === null ? {} : { assignee: incident.assignee.name }),
      ...(cause === undefined ? {} : { cause }),
      ...(spark === undefined ? {} : { spark }),
    };
  });
}

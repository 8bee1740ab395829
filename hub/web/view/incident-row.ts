import type { IncidentRowView } from "@watchpost/ui";
import { may } from "../../identity/index.ts";
import type { Incident } from "../../incident/index.ts";
import type { Source } from "./source.ts";

/** Rows of a list, with what the analysis found and the number that matters. */
export async function incidentRows(source: Source, incidents: readonly Incident[]): Promise<IncidentRowView[]> {
  const sparks = await source.sparks.of(incidents);
  const mayChange = may(source.role, "incident:acknowledge");
  return incidents.map((incident) => {
    const cause = causeOf(source, incident);
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

/** What the newest analysis says. */
function causeOf(source: Source, { id, title }: Incident): string | undefined {
  const steps = source.trail.stepsOf(id);
  const text = (steps.findLast(({ step }) => step === "finished") ?? steps.findLast(({ step }) => step === "cause"))
    ?.text;
  return text === undefined ? undefined : withoutTitle(text, title);
}

/** "core-sw1 uplink down: most likely X" beside that very title -> "Most likely X". */
export function withoutTitle(text: string, title: string): string {
  if (!text.startsWith(`${title}: `)) return text;
  const rest = text.slice(title.length + 2);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

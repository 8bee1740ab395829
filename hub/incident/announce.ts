import type { Message } from "../bus/index.ts";
import type { Incident } from "./incident.ts";

/** What happened to an incident, as live readers are told. "grown" asks for a new analysis, "updated" does not. */
export type IncidentChange =
  | "opened"
  | "grown"
  | "updated"
  | "acknowledged"
  | "started"
  | "resolved"
  | "merged"
  | "reopened"
  | "silenced"
  | "assigned"
  | "commented"
  | "diagnosed";

type Announced = Pick<Incident, "id" | "number" | "siteId" | "status" | "severity">;

export function incidentMessage(incident: Announced, change: IncidentChange): Message {
  const { id, number, siteId, status, severity } = incident;
  return { topic: "incident", key: id, payload: { change, number, siteId, status, severity } };
}

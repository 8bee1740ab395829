import type { Database, Transaction } from "@watchpost/db";
import { devices, incidents, sites, users } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { HubError } from "../error.ts";
import type { Incident, IncidentStatus, Priority, SeverityName } from "./incident.ts";

/** Incidents with the names that people read: site, device, assignee. */
export function selectIncidents(db: Database | Transaction) {
  return db
    .select({ incident: incidents, site: sites.name, device: devices.name, assignee: users.name })
    .from(incidents)
    .leftJoin(sites, eq(incidents.siteId, sites.id))
    .leftJoin(devices, eq(incidents.deviceId, devices.id))
    .leftJoin(users, eq(incidents.assignedTo, users.id));
}

type Row = Awaited<ReturnType<typeof selectIncidents>>[number];

export function incidentOf({ incident: row, site, device, assignee }: Row): Incident {
  return {
    id: row.id,
    number: row.number,
    site,
    siteId: row.siteId,
    device,
    deviceId: row.deviceId,
    title: row.alertName,
    severity: row.severity as SeverityName,
    priority: row.priority as Priority,
    status: row.status as IncidentStatus,
    fingerprint: row.fingerprint,
    eventCount: row.eventCount,
    openCount: row.openCount,
    deviceCount: row.deviceCount,
    mergedInto: row.mergedInto,
    assignee: row.assignedTo === null ? null : { id: row.assignedTo, name: assignee ?? "" },
    revision: row.revision,
    createdAt: row.createdAt,
    lastEventAt: row.lastEventAt,
    acknowledgedAt: row.acknowledgedAt,
    resolvedAt: row.resolvedAt,
    silencedUntil: row.silencedUntil,
    updatedAt: row.updatedAt,
  };
}

export async function incidentById(db: Database | Transaction, id: string): Promise<Incident> {
  const [row] = await selectIncidents(db).where(eq(incidents.id, id));
  if (!row) throw notFound(id);
  return incidentOf(row);
}

export function notFound(reference: string): HubError {
  return new HubError("not-found", `there is no incident ${reference}. List them at /api/v1/incidents.`);
}

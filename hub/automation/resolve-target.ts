import type { Database } from "@watchpost/db";
import { collectors, devices, incidents, sites } from "@watchpost/db/schema";
import { and, eq, ne, type SQL } from "drizzle-orm";
import { HubError } from "../error.ts";
import { isUuid } from "./uuid.ts";

const TARGETS_MAX = 20;

export interface Where {
  /** Device ids, names, or site/name where a name is used at several sites. */
  targets: string[];
  collectorId?: string | undefined;
  incidentId?: string | undefined;
}

export interface Resolved {
  collectorId: string;
  /** Device names, as the collector knows them. */
  targets: string[];
}

/** Finds the one collector that can reach all targets; without targets, the one that is meant. */
export async function resolveTargets(db: Database, where: Where): Promise<Resolved> {
  if (where.targets.length > TARGETS_MAX)
    throw new HubError(
      "unprocessable",
      `A run names at most ${TARGETS_MAX} devices; this names ${where.targets.length}.`,
    );
  const found = await Promise.all([...new Set(where.targets)].map((target) => findDevice(db, target)));
  const names = found.map((device) => device.name);
  const ids = [...new Set(found.map((device) => device.collectorId))];
  if (ids.length > 1) {
    const places = found.map((device) => `${device.site}/${device.name}`).join(", ");
    throw new HubError("unprocessable", `One run goes to one collector; these are at ${ids.length}: ${places}.`);
  }
  const [viaTargets] = ids;
  if (viaTargets !== undefined) {
    await requireUsable(db, viaTargets);
    return { collectorId: viaTargets, targets: names };
  }
  return { collectorId: await collectorWithoutTarget(db, where), targets: [] };
}

async function findDevice(db: Database, target: string) {
  const slash = target.indexOf("/");
  const name = slash < 0 ? target : target.slice(slash + 1);
  const matching: SQL | undefined = isUuid(target)
    ? eq(devices.id, target)
    : and(eq(devices.name, name), slash < 0 ? undefined : eq(sites.name, target.slice(0, slash)));
  const rows = await db
    .select({ name: devices.name, site: sites.name, collectorId: devices.collectorId })
    .from(devices)
    .innerJoin(sites, eq(sites.id, devices.siteId))
    .where(matching)
    .limit(2);
  const [device, second] = rows;
  const shown = JSON.stringify(target.slice(0, 130));
  if (!device) throw new HubError("unprocessable", `There is no device ${shown}.`, { target });
  if (second)
    throw new HubError("unprocessable", `${shown} stands at several sites; write ${device.site}/${device.name}.`);
  if (device.collectorId === null)
    throw new HubError("unprocessable", `No collector reports device ${shown} now, so no script can reach it.`);
  return { ...device, collectorId: device.collectorId };
}

async function collectorWithoutTarget(db: Database, where: Where): Promise<string> {
  if (where.collectorId !== undefined) return requireUsable(db, where.collectorId);
  const ofIncident = where.incidentId === undefined ? undefined : await collectorOfIncident(db, where.incidentId);
  if (ofIncident !== undefined) return requireUsable(db, ofIncident);
  const rows = await db.select({ id: collectors.id }).from(collectors).where(ne(collectors.status, "revoked")).limit(2);
  const [only, second] = rows;
  if (only && !second) return only.id;
  const detail = only ? "several collectors could run this" : "no collector is enrolled";
  throw new HubError("unprocessable", `Name the target devices or a collector_id: ${detail}.`);
}

async function collectorOfIncident(db: Database, incidentId: string): Promise<string | undefined> {
  const [row] = await db
    .select({ collectorId: devices.collectorId })
    .from(incidents)
    .innerJoin(devices, eq(devices.id, incidents.deviceId))
    .where(eq(incidents.id, incidentId));
  return row?.collectorId ?? undefined;
}

async function requireUsable(db: Database, collectorId: string): Promise<string> {
  const [row] = await db.select().from(collectors).where(eq(collectors.id, collectorId));
  if (!row) throw new HubError("unprocessable", `There is no collector ${collectorId}.`);
  if (row.status === "revoked")
    throw new HubError("unprocessable", `Collector ${row.name} is revoked and runs nothing.`);
  return row.id;
}

export async function requireIncident(db: Database, incidentId: string | undefined): Promise<void> {
  if (incidentId === undefined) return;
  const rows = await db.select({ id: incidents.id }).from(incidents).where(eq(incidents.id, incidentId));
  if (rows.length === 0) throw new HubError("unprocessable", `There is no incident ${incidentId}.`);
}

import { incidents, sites } from "@watchpost/db/schema";
import { and, desc, eq, ilike, inArray, lt, ne, or, type SQL } from "drizzle-orm";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";
import type { Incident, IncidentStatus, SeverityName } from "./incident.ts";
import { incidentOf, selectIncidents } from "./select.ts";

export const LIST_LIMIT_MAX = 200;

export interface ListIncidents {
  /** "open" is everything but resolved. */
  status?: IncidentStatus | "open" | undefined;
  severity?: SeverityName | undefined;
  /** Name of the site. */
  site?: string | undefined;
  /** Id of the device that the first problem stands at. */
  deviceId?: string | undefined;
  /** Words of the title, a device, or a number such as INC-42. */
  search?: string | undefined;
  /** 1 to 200; 50 when not given. */
  limit?: number | undefined;
  /** nextCursor of the page before. */
  cursor?: string | undefined;
}

export interface IncidentPage {
  incidents: Incident[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** Incidents, newest first. Pages stay whole while new ones arrive. */
export async function listIncidents(ctx: Context, input: ListIncidents = {}): Promise<IncidentPage> {
  requirePermission(ctx, "incident:read");
  const limit = Math.min(Math.max(Math.trunc(input.limit ?? 50), 1), LIST_LIMIT_MAX);
  const rows = await selectIncidents(ctx.db)
    .where(and(...conditions(ctx, input)))
    .orderBy(desc(incidents.number))
    .limit(limit + 1);
  const page = rows.slice(0, limit).map(incidentOf);
  return { incidents: page, nextCursor: rows.length > limit ? String(page.at(-1)?.number) : null };
}

function conditions(ctx: Context, input: ListIncidents): (SQL | undefined)[] {
  const { status, severity, site, deviceId, search, cursor } = input;
  if (cursor !== undefined && !/^[1-9]\d{0,15}$/.test(cursor)) {
    throw new HubError("bad-request", "cursor is not one that a list returned. Leave it out to start from the newest.");
  }
  return [
    status === "open" ? ne(incidents.status, "resolved") : status && eq(incidents.status, status),
    severity && eq(incidents.severity, severity),
    site === undefined
      ? undefined
      : inArray(incidents.siteId, ctx.db.select({ id: sites.id }).from(sites).where(eq(sites.name, site))),
    deviceId === undefined ? undefined : eq(incidents.deviceId, deviceId),
    search === undefined || search.trim() === "" ? undefined : matching(search.trim().slice(0, 200)),
    cursor === undefined ? undefined : lt(incidents.number, Number(cursor)),
  ];
}

function matching(search: string): SQL | undefined {
  const number = /^(?:inc-)?(\d{1,15})$/i.exec(search)?.[1];
  const pattern = `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return or(
    ilike(incidents.alertName, pattern),
    number === undefined ? undefined : eq(incidents.number, Number(number)),
  );
}

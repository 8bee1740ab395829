import type { Transaction } from "@watchpost/db";
import { incidentEvents, incidents } from "@watchpost/db/schema";
import { and, eq, gt, inArray, isNull, ne, or, type SQL, sql } from "drizzle-orm";
import { type Board, type BoardIncident, type Problem, seenOf } from "./board.ts";
import type { IncidentStatus, Priority, SeverityName } from "./incident.ts";
import { loadSite, NO_SITE } from "./topology.ts";

/** A problem that comes back within this time reopens its incident instead of making a new one. */
export const REOPEN_WINDOW_MS = 600_000;
const FINGERPRINTS_MAX = 1_000;

/** Until the transaction ends, no other batch touches this site's incidents. */
export async function lockSite(tx: Transaction, siteId: string | null): Promise<void> {
  const key = `watchpost.incident/${siteId ?? ""}`;
  await tx
    .select({ locked: sql`pg_advisory_xact_lock(hashtextextended(${key}, 0))` })
    .from(sql`(values (1)) as one (row)`)
    .prepare("lock_site")
    .execute();
}

export interface BoardScope {
  siteId: string | null;
  nowMs: number;
  /** What the batch is about: which incidents, resolved a moment ago, it may concern. */
  fingerprints: readonly string[];
  devices: readonly string[];
}

/** The site's open incidents, locked, and those resolved within the reopen window that the batch may concern. */
export async function loadBoard(tx: Transaction, scope: BoardScope): Promise<Board> {
  const { siteId, nowMs } = scope;
  const ofSite = siteId === null ? isNull(incidents.siteId) : eq(incidents.siteId, siteId);
  const concerned = tx
    .select({ id: incidentEvents.incidentId })
    .from(incidentEvents)
    .where(
      or(
        sql`${incidentEvents.fingerprint} = any(${texts(scope.fingerprints.slice(0, FINGERPRINTS_MAX))})`,
        sql`${incidentEvents.device} = any(${texts(scope.devices.slice(0, FINGERPRINTS_MAX))})`,
      ),
    );
  const recently = and(
    eq(incidents.status, "resolved"),
    gt(incidents.resolvedAt, new Date(nowMs - REOPEN_WINDOW_MS)),
    inArray(incidents.id, concerned),
  );
  const standing = tx
    .select()
    .from(incidents)
    .where(and(ofSite, or(ne(incidents.status, "resolved"), recently)))
    .orderBy(incidents.number)
    .for("update")
    .prepare("standing_incidents")
    .execute();
  const [rows, site] = await Promise.all([standing, siteId === null ? NO_SITE : loadSite(tx, siteId)]);
  const problems =
    rows.length === 0
      ? []
      : await problemRows(
          tx,
          rows.map((row) => row.id),
        );
  const onBoard = new Map(rows.map((row) => [row.id, boardIncident(row)]));
  for (const row of problems) onBoard.get(row.incidentId)?.problems.set(row.fingerprint, problemOf(row));
  return { siteId, site, nowMs, incidents: new Set(onBoard.values()) };
}

function problemRows(tx: Transaction, ids: string[]) {
  return tx
    .select()
    .from(incidentEvents)
    .where(sql`${incidentEvents.incidentId} = any(${texts(ids)}::uuid[])`)
    .prepare("problems_of_incidents")
    .execute();
}

/** A list as one parameter: the statement stays the same, and Postgres parses it once a connection. */
function texts(list: readonly string[]): SQL {
  return sql`array(select json_array_elements_text(${JSON.stringify(list)}::text::json))`;
}

function boardIncident(row: typeof incidents.$inferSelect): BoardIncident {
  const title = row.alertName;
  const status = row.status as IncidentStatus;
  const severity = row.severity as SeverityName;
  return {
    id: row.id,
    number: row.number,
    title,
    root: row.fingerprint,
    deviceId: row.deviceId,
    severity,
    priority: row.priority as Priority,
    status,
    silencedUntilMs: row.silencedUntil?.getTime() ?? null,
    eventCount: row.eventCount,
    deviceCount: row.deviceCount,
    revision: row.revision,
    createdMs: row.createdAt.getTime(),
    lastEventMs: row.lastEventAt.getTime(),
    resolvedMs: row.resolvedAt?.getTime() ?? null,
    mergedInto: row.mergedInto,
    problems: new Map(),
    seenBefore: seenOf({ title, status, severity }),
    change: undefined,
    timeline: [],
  };
}

function problemOf(row: typeof incidentEvents.$inferSelect): Problem {
  return {
    fingerprint: row.fingerprint,
    eventId: row.eventId,
    deviceId: row.deviceId,
    device: row.device,
    object: row.object,
    kind: row.kind,
    state: row.state as Problem["state"],
    severity: row.severity as SeverityName,
    summary: row.summary,
    explainedBy: row.explainedBy,
    count: row.count,
    firstObservedMs: row.firstObservedAt.getTime(),
    lastObservedMs: row.lastObservedAt.getTime(),
    changed: false,
  };
}

import type { Transaction } from "@watchpost/db";
import { incidentEvents, incidents } from "@watchpost/db/schema";
import { eq, sql } from "drizzle-orm";
import { publish } from "../bus/index.ts";
import { incidentMessage } from "./announce.ts";
import { type Board, type BoardIncident, firingOf, seenOf } from "./board.ts";
import { appendTimeline } from "./timeline.ts";

/** Lines that one batch may add to one incident's timeline; the rest is a number. */
const TIMELINE_LINES_MAX = 50;

/** Writes what the batch changed and tells the readers. Ends come first: they free their fingerprints. */
export async function saveBoard(tx: Transaction, board: Board): Promise<void> {
  const changed = [...board.incidents].filter((incident) => incident.change !== undefined);
  const ended = changed.filter((incident) => incident.status === "resolved" && incident.number !== 0);
  const standing = changed.filter((incident) => incident.status !== "resolved" && incident.number !== 0);
  for (const incident of [...ended, ...standing]) await update(tx, board, incident);
  for (const incident of changed.filter((i) => i.number === 0)) await insert(tx, board, incident);
  await saveProblems(tx, changed);
  for (const incident of changed) await saveTimeline(tx, board, incident);
  await publish(
    tx,
    ...changed.flatMap((i) =>
      i.change === undefined ? [] : [incidentMessage({ ...i, siteId: board.siteId }, i.change)],
    ),
  );
}

async function insert(tx: Transaction, board: Board, incident: BoardIncident): Promise<void> {
  const [row] = await tx
    .insert(incidents)
    .values({
      id: incident.id,
      siteId: board.siteId,
      createdAt: new Date(incident.createdMs),
      ...columns(board, incident),
    })
    .returning({ number: incidents.number })
    .prepare("insert_incident")
    .execute();
  if (!row) throw new Error(`incident ${incident.id} was inserted and came back without a number`);
  incident.number = row.number;
}

/** Counts alone keep the revision: a person's change must not be refused because one more event or device came in. */
async function update(tx: Transaction, board: Board, incident: BoardIncident): Promise<void> {
  const seen = seenOf(incident) === incident.seenBefore ? 0 : 1;
  const fresh = incident.change === "reopened" ? { acknowledgedAt: null, assignedTo: null } : {};
  await tx
    .update(incidents)
    .set({ ...columns(board, incident), ...fresh, revision: incident.revision + seen })
    .where(eq(incidents.id, incident.id))
    .prepare("update_incident")
    .execute();
}

function columns(board: Board, incident: BoardIncident) {
  return {
    deviceId: incident.deviceId,
    alertName: incident.title,
    severity: incident.severity,
    priority: incident.priority,
    status: incident.status,
    silencedUntil: incident.silencedUntilMs === null ? null : new Date(incident.silencedUntilMs),
    fingerprint: incident.root,
    eventCount: incident.eventCount,
    openCount: firingOf(incident).length,
    deviceCount: incident.deviceCount,
    mergedInto: incident.mergedInto,
    lastEventAt: new Date(incident.lastEventMs),
    resolvedAt: incident.resolvedMs === null ? null : new Date(incident.resolvedMs),
    updatedAt: new Date(board.nowMs),
  };
}

async function saveProblems(tx: Transaction, changed: readonly BoardIncident[]): Promise<void> {
  const rows = changed.flatMap((incident) =>
    [...incident.problems.values()]
      .filter((problem) => problem.changed)
      .map(({ changed: _changed, firstObservedMs, lastObservedMs, ...problem }) => ({
        ...problem,
        incidentId: incident.id,
        firstObservedAt: new Date(firstObservedMs),
        lastObservedAt: new Date(lastObservedMs),
      })),
  );
  if (rows.length === 0) return;
  await tx
    .insert(incidentEvents)
    .select(sql`
      select row."incidentId", row.fingerprint, row."eventId", row."deviceId", row.device, row.object, row.kind,
        row.state, row.severity, row.summary, row."explainedBy", row.count, row."firstObservedAt", row."lastObservedAt"
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as row ("incidentId" uuid, fingerprint text,
        "eventId" uuid, "deviceId" uuid, device text, object text, kind text, state text, severity text, summary text,
        "explainedBy" text, count integer, "firstObservedAt" timestamptz, "lastObservedAt" timestamptz)`)
    .onConflictDoUpdate({
      target: [incidentEvents.incidentId, incidentEvents.fingerprint],
      set: {
        eventId: taken("event_id"),
        state: taken("state"),
        severity: taken("severity"),
        summary: taken("summary"),
        explainedBy: taken("explained_by"),
        count: taken("count"),
        firstObservedAt: taken("first_observed_at"),
        lastObservedAt: taken("last_observed_at"),
      },
    })
    .prepare("save_problems")
    .execute();
}

const taken = (column: string) => sql.raw(`excluded."${column}"`);

async function saveTimeline(tx: Transaction, board: Board, incident: BoardIncident): Promise<void> {
  const at = new Date(board.nowMs);
  const lines = incident.timeline.slice(0, TIMELINE_LINES_MAX);
  const left = incident.timeline.slice(TIMELINE_LINES_MAX);
  // The end of an incident is worth a line however many came before it.
  const kept = [...lines, ...left.filter((line) => line.kind !== "event")];
  const more = incident.timeline.length - kept.length;
  if (more > 0) kept.push({ kind: "event", text: `and ${more} more in the same moment`, details: { more } });
  await appendTimeline(tx, ...kept.map((line) => ({ ...line, incidentId: incident.id, userId: null, at })));
}

import type { Database } from "@watchpost/db";
import { diagnosisHistory, evidence, incidentEvents, incidents, incidentTimeline, users } from "@watchpost/db/schema";
import { asc, desc, eq } from "drizzle-orm";
import { DiagnosisResult } from "../assistant/diagnosis.ts";
import type { Context } from "../context.ts";
import { requirePermission } from "../identity/permission.ts";
import type { EvidenceRow, IncidentDetail, IncidentProblem, SeverityName, TimelineEntry } from "./incident.ts";
import { incidentOf, notFound, selectIncidents } from "./select.ts";

const PROBLEMS_MAX = 500;
const TIMELINE_MAX = 500;
const EVIDENCE_MAX = 200;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** One incident whole, by its id or by its number (42 or INC-42). */
export async function getIncident(ctx: Context, reference: string | number): Promise<IncidentDetail> {
  requirePermission(ctx, "incident:read");
  const [row] = await selectIncidents(ctx.db).where(conditionOf(reference)).limit(1);
  if (!row) throw notFound(String(reference));
  const incident = incidentOf(row);
  const [problems, timeline, newest] = await Promise.all([
    problemsOf(ctx.db, incident.id),
    timelineOf(ctx.db, incident.id),
    newestAnalysis(ctx.db, incident.id),
  ]);
  const isRoot = (problem: IncidentProblem) => Number(problem.fingerprint === incident.fingerprint);
  return { incident, problems: problems.toSorted((a, b) => isRoot(b) - isRoot(a)), timeline, ...newest };
}

function conditionOf(reference: string | number) {
  const text = String(reference);
  if (UUID.test(text)) return eq(incidents.id, text);
  const number = /^(?:INC-)?(\d{1,15})$/i.exec(text)?.[1];
  if (number === undefined) throw notFound(text.slice(0, 60));
  return eq(incidents.number, Number(number));
}

async function problemsOf(db: Database, incidentId: string): Promise<IncidentProblem[]> {
  const rows = await db
    .select()
    .from(incidentEvents)
    .where(eq(incidentEvents.incidentId, incidentId))
    .orderBy(asc(incidentEvents.firstObservedAt), asc(incidentEvents.fingerprint))
    .limit(PROBLEMS_MAX);
  return rows.map(({ incidentId: _incidentId, ...row }) => ({
    ...row,
    state: row.state as IncidentProblem["state"],
    severity: row.severity as SeverityName,
  }));
}

async function timelineOf(db: Database, incidentId: string): Promise<TimelineEntry[]> {
  const rows = await db
    .select({ entry: incidentTimeline, user: users.name })
    .from(incidentTimeline)
    .leftJoin(users, eq(incidentTimeline.userId, users.id))
    .where(eq(incidentTimeline.incidentId, incidentId))
    .orderBy(desc(incidentTimeline.at), desc(incidentTimeline.id))
    .limit(TIMELINE_MAX);
  return rows.toReversed().map(({ entry, user }) => ({
    id: entry.id,
    kind: entry.kind,
    text: entry.text,
    user: entry.userId === null ? null : { id: entry.userId, name: user ?? "" },
    details: entry.details,
    at: entry.at,
  }));
}

async function newestAnalysis(
  db: Database,
  incidentId: string,
): Promise<Pick<IncidentDetail, "evidence" | "diagnosis">> {
  const [newest] = await db
    .select({ diagnosis: diagnosisHistory.diagnosis, sessionId: diagnosisHistory.sessionId })
    .from(diagnosisHistory)
    .where(eq(diagnosisHistory.incidentId, incidentId))
    .orderBy(desc(diagnosisHistory.createdAt), desc(diagnosisHistory.id))
    .limit(1);
  const of = newest ? eq(evidence.sessionId, newest.sessionId) : eq(evidence.incidentId, incidentId);
  const rows = await db.select().from(evidence).where(of).orderBy(asc(evidence.collectedAt)).limit(EVIDENCE_MAX);
  return { evidence: rows.map(evidenceOf), diagnosis: newest ? DiagnosisResult.parse(newest.diagnosis) : null };
}

export function evidenceOf(row: typeof evidence.$inferSelect): EvidenceRow {
  const { incidentId: _incidentId, ...rest } = row;
  return rest;
}

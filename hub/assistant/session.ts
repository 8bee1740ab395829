import { diagnosisHistory, evidence, incidents, sessions, sites } from "@watchpost/db/schema";
import { and, asc, desc, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";
import type { EvidenceRow } from "../incident/index.ts";
import { type Diagnosis, DiagnosisResult } from "./diagnosis.ts";
import type { Queue } from "./queue.ts";

const EVIDENCE_MAX = 200;
/** Asked for and not finished, by everybody together. */
const WAITING_MAX = 50;

/** What POST /analyze takes: an incident, or a place at a site; and what the person wants to know. */
export const analysisRequestSchema = z.object({
  incidentId: z.uuid().optional(),
  site: z.string().min(1).max(63).optional(),
  device: z.string().min(1).max(253).optional(),
  interface: z.string().max(253).optional(),
  /** Unix milliseconds; now when not given. */
  aboutMs: z.int().positive().optional(),
  question: z.string().max(1_000).optional(),
});
export type AnalysisRequest = z.output<typeof analysisRequestSchema>;

export interface Session {
  id: string;
  incidentId: string | null;
  status: "running" | "finished" | "failed";
  question: string;
  error: string;
  startedAt: Date;
  finishedAt: Date | null;
  evidence: EvidenceRow[];
  diagnosis: Diagnosis | null;
}

/** Queues an analysis and says by which id to follow it. */
export async function queueAnalysis(
  ctx: Context,
  queue: Queue,
  input: AnalysisRequest,
): Promise<{ sessionId: string }> {
  requirePermission(ctx, "analysis:request");
  const { incidentId, site = "", device = "", question = "" } = input;
  if (incidentId === undefined && (site === "" || device === "")) {
    throw new HubError("bad-request", "name an incident (incidentId), or a site and a device, to analyse");
  }
  await requireSubject(ctx, input);
  await requireRoom(ctx);
  const sessionId = Bun.randomUUIDv7();
  const place = { site, device, interface: input.interface ?? "", aboutMs: input.aboutMs ?? ctx.clock.nowMs() };
  await ctx.db.transaction(async (tx) => {
    const startedAt = new Date(ctx.clock.nowMs());
    await tx
      .insert(sessions)
      .values({ id: sessionId, incidentId: incidentId ?? null, origin: "request", question, startedAt });
    await recordAudit(tx, ctx, {
      action: "analysis.requested",
      entity: "session",
      entityId: sessionId,
      details: { incidentId, site, device, question },
    });
    const about = incidentId === undefined ? place : { incidentId };
    await queue.addIn(tx, `session/${sessionId}`, { sessionId, question, ...about });
  });
  queue.wake();
  return { sessionId };
}

/** Incidents come first: questions of people and programs must not fill the queue before them. */
async function requireRoom(ctx: Context): Promise<void> {
  const waiting = await ctx.db.$count(sessions, and(eq(sessions.origin, "request"), eq(sessions.status, "running")));
  if (waiting < WAITING_MAX) return;
  const message = `${waiting} analyses that were asked for are not finished yet; ${WAITING_MAX} may wait. Try again.`;
  throw new HubError("too-many-requests", message, { retryAfterS: 30 });
}

async function requireSubject(ctx: Context, { incidentId, site = "" }: AnalysisRequest): Promise<void> {
  const found =
    incidentId === undefined
      ? await ctx.db.select({ id: sites.id }).from(sites).where(eq(sites.name, site))
      : await ctx.db.select({ id: incidents.id }).from(incidents).where(eq(incidents.id, incidentId));
  if (found.length > 0) return;
  const what = incidentId === undefined ? `site ${site}` : `incident ${incidentId}`;
  throw new HubError("not-found", `there is no ${what} to analyse`);
}

/** One analysis: where it stands, its evidence so far, and its newest diagnosis. */
export async function getSession(ctx: Context, sessionId: string): Promise<Session> {
  requirePermission(ctx, "analysis:read");
  const [row] = z.uuid().safeParse(sessionId).success
    ? await ctx.db.select().from(sessions).where(eq(sessions.id, sessionId))
    : [];
  if (!row) throw new HubError("not-found", `there is no analysis ${sessionId.slice(0, 60)}`);
  const [newest] = await ctx.db
    .select({ diagnosis: diagnosisHistory.diagnosis })
    .from(diagnosisHistory)
    .where(eq(diagnosisHistory.sessionId, sessionId))
    .orderBy(desc(diagnosisHistory.createdAt), desc(diagnosisHistory.id))
    .limit(1);
  const rows = await ctx.db
    .select()
    .from(evidence)
    .where(eq(evidence.sessionId, sessionId))
    .orderBy(asc(evidence.collectedAt), asc(evidence.id))
    .limit(EVIDENCE_MAX);
  const { origin: _origin, ...session } = row;
  return {
    ...session,
    status: row.status as Session["status"],
    evidence: rows.map(({ incidentId: _incidentId, ...shown }) => shown),
    diagnosis: newest ? DiagnosisResult.parse(newest.diagnosis) : null,
  };
}

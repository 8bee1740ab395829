import type { Transaction } from "@watchpost/db";
import { diagnosisHistory, incidents, incidentTimeline, sessions } from "@watchpost/db/schema";
import { and, desc, eq } from "drizzle-orm";
import { publish } from "../bus/index.ts";
import type { Hub } from "../hub.ts";
import { appendTimeline, incidentMessage, type IncidentStatus, type SeverityName } from "../incident/index.ts";
import { insightMessage } from "../insight/index.ts";
import { boundedDiagnosisJson } from "./bounded-diagnosis.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { Subject } from "./subject.ts";

export interface Finished {
  sessionId: string;
  subject: Subject;
  diagnosis: Diagnosis;
  /** False while a model still speaks: kept at once, so that nothing is lost, but not the last word. */
  last: boolean;
}

/** Keeps a diagnosis with its incident and tells the readers, in one transaction. */
export async function saveDiagnosis(hub: Hub, { sessionId, subject, diagnosis, last }: Finished): Promise<void> {
  const at = new Date(hub.clock.nowMs());
  await hub.db.transaction(async (tx) => {
    await tx.insert(diagnosisHistory).values({
      sessionId,
      incidentId: subject.incidentId,
      diagnosis,
      source: diagnosis.source,
      model: diagnosis.model ?? null,
      promptHash: diagnosis.prompt_hash ?? null,
      confidence: diagnosis.root_cause.confidence,
      durationMs: diagnosis.duration_ms,
      createdAt: at,
    });
    const [incident] =
      subject.incidentId === null
        ? []
        : await tx
            .update(incidents)
            .set({ aiAnalysis: diagnosis, recommendedActions: diagnosis.recommended_actions, updatedAt: at })
            .where(eq(incidents.id, subject.incidentId))
            .returning();
    if (!last) return;
    await tx.update(sessions).set({ status: "finished", finishedAt: at }).where(eq(sessions.id, sessionId));
    if (incident && (await lastWord(tx, incident.id)) !== diagnosis.summary) {
      await appendTimeline(tx, {
        incidentId: incident.id,
        kind: "diagnosis",
        text: diagnosis.summary,
        userId: null,
        at,
        details: { sessionId, confidence: diagnosis.root_cause.confidence, source: diagnosis.source },
      });
    }
    await publish(
      tx,
      insightMessage({
        incidentId: subject.key,
        site: subject.siteName,
        severity: subject.severity,
        createdAtMs: BigInt(at.getTime()),
        step: "finished",
        text: diagnosis.summary,
        causes: diagnosis.root_cause.causes.map(({ evidence, interface: port, ...cause }) => ({
          ...cause,
          interface: port ?? "",
          evidenceIds: evidence,
        })),
        source: diagnosis.source,
        model: diagnosis.model ?? "",
        diagnosisJson: boundedDiagnosisJson(diagnosis),
      }),
      ...(incident
        ? [
            incidentMessage(
              { ...incident, status: incident.status as IncidentStatus, severity: incident.severity as SeverityName },
              "diagnosed",
            ),
          ]
        : []),
    );
  });
}

/** An analysis of a growing incident that comes to the same end says nothing new. */
async function lastWord(tx: Transaction, incidentId: string): Promise<string | undefined> {
  const [entry] = await tx
    .select({ text: incidentTimeline.text })
    .from(incidentTimeline)
    .where(and(eq(incidentTimeline.incidentId, incidentId), eq(incidentTimeline.kind, "diagnosis")))
    .orderBy(desc(incidentTimeline.at), desc(incidentTimeline.id))
    .limit(1);
  return entry?.text;
}

import type { Transaction } from "@watchpost/db";
import { incidents, incidentTimeline, users } from "@watchpost/db/schema";
import { and, desc, eq, isNotNull } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { publish } from "../bus/index.ts";
import { type Context, userIdOf } from "../context.ts";
import { type IncidentChange, incidentMessage } from "./announce.ts";
import type { Incident, IncidentStatus } from "./incident.ts";
import { incidentById, notFound } from "./select.ts";
import { appendTimeline, type TimelineKind } from "./timeline.ts";

export interface IncidentReference {
  incidentId: string;
  /** The revision that the caller saw; when given, a newer one refuses the change. */
  revision?: number | undefined;
}

/** What became of a change. The loser of a race gets the incident as it is now and the name of who was faster. */
export type ChangeResult =
  | { kind: "changed"; incident: Incident }
  | { kind: "stale"; incident: Incident; by: string }
  | { kind: "wrong-status"; incident: Incident; by: string; message: string };

interface Change {
  /** Statuses from which this is possible. */
  from: readonly IncidentStatus[];
  set: Partial<typeof incidents.$inferInsert>;
  change: IncidentChange;
  /** Past tense, for the audit log: "incident.resolved". */
  action: string;
  timeline: { kind: TimelineKind; text: string; details?: Record<string, unknown> };
  /** Runs in the same transaction, before the readers are told. */
  also?: (tx: Transaction) => Promise<void>;
}

/** The one way a person changes an incident: row lock, checks, update, audit, timeline, bus, in one transaction. */
export async function changeIncident(ctx: Context, on: IncidentReference, change: Change): Promise<ChangeResult> {
  return ctx.db.transaction(async (tx) => {
    const [row] = await tx.select().from(incidents).where(eq(incidents.id, on.incidentId)).for("update");
    if (!row) throw notFound(on.incidentId);
    if (on.revision !== undefined && on.revision !== row.revision) {
      return { kind: "stale", incident: await incidentById(tx, row.id), by: await lastPerson(tx, row.id) };
    }
    if (!change.from.includes(row.status as IncidentStatus)) {
      const message = `INC-${row.number} is ${row.status}; this needs ${change.from.join(" or ")}`;
      return {
        kind: "wrong-status",
        incident: await incidentById(tx, row.id),
        by: await lastPerson(tx, row.id),
        message,
      };
    }
    const at = new Date(ctx.clock.nowMs());
    await tx
      .update(incidents)
      .set({ ...change.set, revision: row.revision + 1, updatedAt: at })
      .where(eq(incidents.id, row.id));
    await change.also?.(tx);
    await recordAudit(tx, ctx, {
      action: change.action,
      entity: "incident",
      entityId: row.id,
      details: { number: row.number, from: row.status, ...change.timeline.details },
    });
    await appendTimeline(tx, { ...change.timeline, incidentId: row.id, userId: userIdOf(ctx.actor), at });
    const incident = await incidentById(tx, row.id);
    await publish(tx, incidentMessage(incident, change.change));
    return { kind: "changed", incident };
  });
}

/** Who changed it last, by name; "the system" when no person did. */
async function lastPerson(tx: Transaction, incidentId: string): Promise<string> {
  const [row] = await tx
    .select({ name: users.name })
    .from(incidentTimeline)
    .innerJoin(users, eq(incidentTimeline.userId, users.id))
    .where(and(eq(incidentTimeline.incidentId, incidentId), isNotNull(incidentTimeline.userId)))
    .orderBy(desc(incidentTimeline.at), desc(incidentTimeline.id))
    .limit(1);
  return row?.name ?? "the system";
}

import type { Transaction } from "@watchpost/db";
import { events } from "@watchpost/db/schema";
import { and, desc, eq, inArray, ne } from "drizzle-orm";
import { applyEvent, opensIncident } from "./apply.ts";
import { type Board, holderOf, mark } from "./board.ts";
import type { EventRow } from "./event-row.ts";
import { type SeverityName, severityRank, worst } from "./incident.ts";
import type { EventSource } from "./source.ts";

type Stored = typeof events.$inferSelect;

/** The events that later verdicts of a batch speak of, by their seq. */
export async function referredEvents(
  tx: Transaction,
  source: EventSource,
  verdicts: readonly EventRow[],
): Promise<Map<number, Stored>> {
  if (verdicts.length === 0 || source.collectorId === null) return new Map();
  const rows = await tx
    .select()
    .from(events)
    .where(
      and(
        eq(events.collectorId, source.collectorId),
        eq(events.outboxEpoch, source.outboxEpoch),
        inArray(events.seq, [...new Set(verdicts.map((verdict) => verdict.refersToSeq))]),
        ne(events.kind, "verdict"),
      ),
    );
  return new Map(rows.map((row) => [row.seq ?? 0, row]));
}

/** A later opinion: kept with its event, and able to raise what stands; it lowers and ends nothing. */
export async function applyVerdict(tx: Transaction, board: Board, verdict: EventRow, about: Stored): Promise<void> {
  if (verdict.verdict) {
    await tx
      .update(events)
      .set({ verdict: verdict.verdict })
      .where(and(eq(events.id, about.id), eq(events.receivedAt, about.receivedAt)));
  }
  const severity = worst(about.severity as SeverityName, verdict.effectiveSeverity);
  const holder = holderOf(board, about.fingerprint);
  const problem = holder?.problems.get(about.fingerprint);
  if (holder && problem) {
    if (problem.state === "cleared" || severityRank(severity) <= severityRank(problem.severity)) return;
    Object.assign(problem, { severity, changed: true });
    holder.timeline.push({
      kind: "event",
      text: `Raised to ${severity}: ${verdict.summary === "" ? problem.summary : verdict.summary}`,
      details: { fingerprint: about.fingerprint, severity },
    });
    mark(holder, "updated");
    return;
  }
  const raised = { ...about, state: about.state as EventRow["state"], explainedBy: verdict.explainedBy, severity };
  if (opensIncident(raised) && (await stillStands(tx, about))) applyEvent(board, raised);
}

/** A problem that ended while the model was thinking opens nothing. */
async function stillStands(tx: Transaction, about: Stored): Promise<boolean> {
  if (about.state === "moment" || about.collectorId === null) return true;
  const [newest] = await tx
    .select({ state: events.state })
    .from(events)
    .where(
      and(
        eq(events.fingerprint, about.fingerprint),
        eq(events.collectorId, about.collectorId),
        ne(events.kind, "verdict"),
      ),
    )
    .orderBy(desc(events.receivedAt), desc(events.seq))
    .limit(1);
  return newest?.state !== "cleared";
}

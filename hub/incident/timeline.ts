import type { Transaction } from "@watchpost/db";
import { incidentTimeline } from "@watchpost/db/schema";

export type TimelineKind =
  | "opened"
  | "event"
  | "acknowledged"
  | "started"
  | "resolved"
  | "reopened"
  | "silenced"
  | "assigned"
  | "comment"
  | "diagnosis"
  | "script";

export interface TimelineDraft {
  incidentId: string;
  kind: TimelineKind;
  text: string;
  /** Null when the system did it. */
  userId: string | null;
  at: Date;
  details?: Record<string, unknown>;
}

const ROWS_A_STATEMENT_MAX = 500;

export async function appendTimeline(tx: Transaction, ...drafts: TimelineDraft[]): Promise<void> {
  for (let from = 0; from < drafts.length; from += ROWS_A_STATEMENT_MAX) {
    await tx.insert(incidentTimeline).values(drafts.slice(from, from + ROWS_A_STATEMENT_MAX));
  }
}

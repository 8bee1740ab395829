import type { Transaction } from "@watchpost/db";
import { incidentTimeline } from "@watchpost/db/schema";
import { sql } from "drizzle-orm";

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

/** One parameter however many lines, so that the statement stays the same and is parsed once a connection. */
export async function appendTimeline(tx: Transaction, ...drafts: TimelineDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  const rows = drafts.map((draft) => ({ ...draft, id: Bun.randomUUIDv7(), details: draft.details ?? {} }));
  await tx
    .insert(incidentTimeline)
    .select(sql`
      select row.id, row."incidentId", row.kind, row.text, row."userId", row.details, row.at
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as row (id uuid, "incidentId" uuid, kind text,
        text text, "userId" uuid, details jsonb, at timestamptz)`)
    .prepare("append_timeline")
    .execute();
}

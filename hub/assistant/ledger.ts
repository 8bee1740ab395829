import type { evidence } from "@watchpost/db/schema";
import type { Message } from "../bus/index.ts";
import { Gather } from "../gather.ts";
import type { Hub } from "../hub.ts";

/** What one statement may hold: a few analyses at their widest. */
const ENTRIES_A_ROUND_MAX = 64;

export type EvidenceInsert = typeof evidence.$inferInsert;

/** A step of an analysis as the readers get it, with the evidence row behind it where there is one. */
export interface Entry {
  evidence?: EvidenceInsert | undefined;
  message: Message;
}

export interface Ledger {
  /** Resolves when it is on disk. Entries become visible in the order in which they were given. */
  keep(entry: Entry): Promise<void>;
}

/**
 * Keeps the steps of all analyses of this hub: what comes while a statement is under way goes into the next one. Nine
 * observations were nine transactions of four statements each, and half of what an analysis cost.
 */
export function openLedger(hub: Pick<Hub, "sql">): Ledger {
  let last = 0;
  const rounds = new Gather<Entry, Kept>(ENTRIES_A_ROUND_MAX, (entries) => keepRound(hub.sql, entries));
  return {
    async keep(entry) {
      last += 1;
      const kept = await rounds.add(String(last), entry);
      if (kept?.kind === "refused") throw kept.error;
    },
  };
}

type Kept = { kind: "kept" } | { kind: "refused"; error: unknown };

/** One entry that cannot be stored must not take the others with it. */
async function keepRound(sql: Hub["sql"], entries: ReadonlyMap<string, Entry>): Promise<Map<string, Kept>> {
  const all = [...entries];
  const [first, ...others] = all;
  const together = await tryKeep(
    sql,
    all.map(([, entry]) => entry),
  );
  if (!first || others.length === 0 || together.kind === "kept") return new Map(all.map(([key]) => [key, together]));
  const kept = new Map<string, Kept>();
  for (const [key, entry] of all) kept.set(key, await tryKeep(sql, [entry]));
  return kept;
}

async function tryKeep(sql: Hub["sql"], entries: readonly Entry[]): Promise<Kept> {
  try {
    await write(sql, entries);
    return { kind: "kept" };
  } catch (error) {
    return { kind: "refused", error };
  }
}

/** Constant text however many there are, so that Postgres parses it once a connection. */
async function write(sql: Hub["sql"], entries: readonly Entry[]): Promise<void> {
  const rows = entries.flatMap(({ evidence }) => (evidence ? [evidence] : []));
  await sql`
    with kept as (
      insert into sre_assistant.evidence (id, session_id, incident_id, tool, title, query, query_arguments, finding,
        result, severity, collected_at, duration_ms)
      select row.id, row."sessionId", row."incidentId", row.tool, row.title, row.query, row."queryArguments",
        row.finding, row.result, row.severity, row."collectedAt", row."durationMs"
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as row (id uuid, "sessionId" uuid, "incidentId" uuid,
        tool text, title text, query text, "queryArguments" jsonb, finding text, result jsonb, severity text,
        "collectedAt" timestamptz, "durationMs" integer)
    )
    insert into shared.bus (topic, key, payload)
    select row.topic, row.key, row.payload
    from json_to_recordset(${JSON.stringify(entries.map(({ message }) => message))}::text::json) as row (topic text,
      key text, payload jsonb)`;
}

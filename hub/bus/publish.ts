import type { Transaction } from "@watchpost/db";
import { bus } from "@watchpost/db/schema";
import { sql } from "drizzle-orm";

/** Named by the trigger that numbers messages (db/generate.ts). */
export const BUS_CHANNEL = "watchpost_bus";

export type Topic = "insight" | "incident" | "device" | "collector" | "execution" | "approval";

export interface Message {
  topic: Topic;
  /** Id of the entity concerned. */
  key: string;
  /** At most 64 KiB as JSON. */
  payload: Record<string, unknown>;
}

/**
 * Adds messages to the bus in the caller's transaction; readers see them when it commits. They are numbered by the
 * commit itself, so that ids become visible in ascending order and "everything after id N" never skips one.
 */
export async function publish(tx: Transaction, ...messages: Message[]): Promise<void> {
  if (messages.length === 0) return;
  await tx
    .insert(bus)
    .select(sql`
      select nextval('shared.bus_id_seq'), row.topic, row.key, row.payload, now()
      from json_to_recordset(${JSON.stringify(messages)}::text::json) as row (topic text, key text, payload jsonb)`)
    .prepare("publish")
    .execute();
}

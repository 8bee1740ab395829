import type { Transaction } from "@watchpost/db";
import { bus } from "@watchpost/db/schema";
import { sql } from "drizzle-orm";

export const BUS_CHANNEL = "watchpost_bus";
const BUS_LOCK_KEY = 7_305_802;

export type Topic = "insight" | "incident" | "device" | "collector" | "execution" | "approval";

export interface Message {
  topic: Topic;
  /** Id of the entity concerned. */
  key: string;
  /** At most 64 KiB as JSON. */
  payload: Record<string, unknown>;
}

/**
 * Adds messages to the bus in the caller's transaction; readers see them when it commits. The lock is held until then,
 * so ids become visible in ascending order and "everything after id N" never skips one. Publish last.
 */
export async function publish(tx: Transaction, ...messages: Message[]): Promise<void> {
  if (messages.length === 0) return;
  await tx.execute(sql`select pg_advisory_xact_lock(${BUS_LOCK_KEY})`);
  await tx.insert(bus).values(messages);
  await tx.execute(sql`select pg_notify(${BUS_CHANNEL}, '')`);
}

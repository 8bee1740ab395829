import type { Transaction } from "@watchpost/db";
import { devices, events } from "@watchpost/db/schema";
import { and, eq, inArray } from "drizzle-orm";
import type { EventRow } from "./event-row.ts";
import type { EventSource } from "./source.ts";

const ROWS_A_STATEMENT_MAX = 500;

/** Writes the events and fills in which device each is about, where the site has one of that name. */
export async function storeEvents(tx: Transaction, source: EventSource, rows: EventRow[]): Promise<void> {
  const ids = await deviceIds(tx, source.siteId, [...new Set(rows.map((row) => row.device))]);
  for (const row of rows) row.deviceId = ids.get(row.device) ?? null;
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT_MAX) {
    await tx.insert(events).values(rows.slice(from, from + ROWS_A_STATEMENT_MAX));
  }
}

async function deviceIds(tx: Transaction, siteId: string | null, names: string[]): Promise<Map<string, string>> {
  if (siteId === null || names.length === 0) return new Map();
  const rows = await tx
    .select({ id: devices.id, name: devices.name })
    .from(devices)
    .where(and(eq(devices.siteId, siteId), inArray(devices.name, names)));
  return new Map(rows.map((row) => [row.name, row.id]));
}

import type { Transaction } from "@watchpost/db";
import { devices } from "@watchpost/db/schema";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { EventRow } from "./event-row.ts";
import type { EventSource } from "./source.ts";

const ROWS_A_STATEMENT_MAX = 500;

/** Writes the events and fills in which device each is about, where the site has one of that name. */
export async function storeEvents(tx: Transaction, source: EventSource, rows: EventRow[]): Promise<void> {
  const ids = await deviceIds(tx, source.siteId, [...new Set(rows.map((row) => row.device))]);
  for (const row of rows) row.deviceId = ids.get(row.device) ?? null;
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT_MAX) {
    await insertRows(tx, rows.slice(from, from + ROWS_A_STATEMENT_MAX));
  }
}

/** As one JSON parameter: a parameter for each value of each row costs the hub several times as much CPU. */
async function insertRows(tx: Transaction, rows: EventRow[]): Promise<void> {
  await tx.execute(sql`
    insert into shared.events (id, received_at, observed_at, site_id, collector_id, outbox_epoch, seq, device_id, device,
      object, kind, state, severity, fingerprint, summary, attributes, verdict)
    select id, "receivedAt", "observedAt", "siteId", "collectorId", coalesce("outboxEpoch", ''), seq, "deviceId", device,
      object, kind, state, severity, fingerprint, summary, coalesce(attributes, '{}'), nullif(verdict, 'null')
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as row (id uuid, "receivedAt" timestamptz,
      "observedAt" timestamptz, "siteId" uuid, "collectorId" uuid, "outboxEpoch" text, seq bigint, "deviceId" uuid,
      device text, object text, kind text, state text, severity text, fingerprint text, summary text, attributes jsonb,
      verdict jsonb)`);
}

async function deviceIds(tx: Transaction, siteId: string | null, names: string[]): Promise<Map<string, string>> {
  if (siteId === null || names.length === 0) return new Map();
  const rows = await tx
    .select({ id: devices.id, name: devices.name })
    .from(devices)
    .where(and(eq(devices.siteId, siteId), inArray(devices.name, names)));
  return new Map(rows.map((row) => [row.name, row.id]));
}

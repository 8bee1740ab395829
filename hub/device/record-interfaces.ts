import type { Transaction } from "@watchpost/db";
import { interfaces } from "@watchpost/db/schema";
import { inArray, sql } from "drizzle-orm";
import type { InterfaceView } from "./view.ts";

const ROWS_A_STATEMENT = 1_000;

type InterfaceRow = typeof interfaces.$inferSelect;

/** Makes the interface rows of the given devices equal to what they list now. */
export async function recordInterfaces(tx: Transaction, listed: Map<string, InterfaceView[]>): Promise<void> {
  const rows = await tx
    .select()
    .from(interfaces)
    .where(inArray(interfaces.deviceId, [...listed.keys()]));
  const known = new Map(rows.map((row) => [keyOf(row.deviceId, row.name), row]));

  const changed: (typeof interfaces.$inferInsert)[] = [];
  for (const [deviceId, list] of listed) {
    for (const now of list) {
      const key = keyOf(deviceId, now.name);
      const before = known.get(key);
      known.delete(key);
      if (!before || differs(before, now)) changed.push({ ...now, deviceId });
    }
  }
  for (let from = 0; from < changed.length; from += ROWS_A_STATEMENT) {
    await tx
      .insert(interfaces)
      .values(changed.slice(from, from + ROWS_A_STATEMENT))
      .onConflictDoUpdate({ target: [interfaces.deviceId, interfaces.name], set: NEW_VALUES });
  }
  const gone = [...known.values()].map((row) => row.id);
  if (gone.length > 0) await tx.delete(interfaces).where(inArray(interfaces.id, gone));
}

const NEW_VALUES = {
  ifIndex: sql`excluded.if_index`,
  alias: sql`excluded.alias`,
  type: sql`excluded.type`,
  mac: sql`excluded.mac`,
  speedBps: sql`excluded.speed_bps`,
  adminStatus: sql`excluded.admin_status`,
  operStatus: sql`excluded.oper_status`,
  updatedAt: sql`excluded.updated_at`,
};

function keyOf(deviceId: string, name: string): string {
  return `${deviceId}/${name}`;
}

function differs(row: InterfaceRow, now: InterfaceView): boolean {
  return (
    row.ifIndex !== now.ifIndex ||
    row.alias !== now.alias ||
    row.type !== now.type ||
    row.mac !== now.mac ||
    row.speedBps !== now.speedBps ||
    row.adminStatus !== now.adminStatus ||
    row.operStatus !== now.operStatus
  );
}

import type { Database } from "bun:sqlite";
import { PENDING, QUARANTINED } from "./schema.ts";

/** What the file holds, kept in memory so that nobody has to count rows. */
export interface Totals {
  pendingBlocks: number;
  pendingSamples: number;
  quarantinedBlocks: number;
  /** Of all blocks, whatever their state. */
  bytes: number;
}

/** Reads the covering index alone. */
export function readTotals(db: Database): Totals {
  const rows = db
    .query<{ state: number; blocks: number; samples: number; bytes: number }, []>(
      "select state, count(*) as blocks, sum(samples) as samples, sum(bytes) as bytes from block group by state",
    )
    .all();
  const totals: Totals = { pendingBlocks: 0, pendingSamples: 0, quarantinedBlocks: 0, bytes: 0 };
  for (const row of rows) {
    totals.bytes += row.bytes;
    if (row.state === PENDING) {
      totals.pendingBlocks = row.blocks;
      totals.pendingSamples = row.samples;
    } else if (row.state === QUARANTINED) {
      totals.quarantinedBlocks = row.blocks;
    }
  }
  return totals;
}

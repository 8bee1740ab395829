import type { Transaction } from "@watchpost/db";
import type { Event } from "@watchpost/proto";
import type { SQL } from "drizzle-orm";
import type { Context } from "../context.ts";
import { applyEvent } from "./apply.ts";
import type { Board } from "./board.ts";
import { concludeBoard } from "./conclude.ts";
import { type EventRow, eventRow } from "./event-row.ts";
import { severityRank } from "./incident.ts";
import { loadBoard, lockSite } from "./load-board.ts";
import { saveBoard } from "./save-board.ts";
import type { EventSource, IngestResult } from "./source.ts";
import { storeEvents } from "./store-events.ts";
import { applyVerdict, referredEvents } from "./verdict.ts";

/**
 * Takes a batch in one transaction with `once`, a statement that gives a row when the batch is due; false when it gives
 * none. What no incident needs is one statement; the rest is `ingestEvents`.
 */
export async function ingestOnce(
  ctx: Context,
  source: EventSource,
  events: readonly Event[],
  once: SQL,
): Promise<boolean> {
  const nowMs = ctx.clock.nowMs();
  const rows = events.map((event) => eventRow(event, source, nowMs));
  if (!rows.some(mattersToIncidents)) return storeEvents(ctx.db, { source, nowMs, rows, once });
  return ctx.db.transaction(async (tx) => {
    if (!(await storeEvents(tx, { source, nowMs, rows, once }))) return false;
    await judge(tx, { source, nowMs, rows });
    return true;
  });
}

/**
 * Stores a batch of events and turns them into incidents, in the caller's transaction. Batches of one site wait for
 * each other.
 */
export async function ingestEvents(
  tx: Transaction,
  ctx: Context,
  source: EventSource,
  events: readonly Event[],
): Promise<IngestResult> {
  const nowMs = ctx.clock.nowMs();
  return ingestRows(tx, { source, nowMs, rows: events.map((event) => eventRow(event, source, nowMs)) });
}

export async function ingestRows(
  tx: Transaction,
  batch: { source: EventSource; nowMs: number; rows: EventRow[] },
): Promise<IngestResult> {
  await storeEvents(tx, batch);
  return judge(tx, batch);
}

/** What stored events mean to the site's incidents. */
async function judge(
  tx: Transaction,
  { source, nowMs, rows }: { source: EventSource; nowMs: number; rows: EventRow[] },
): Promise<IngestResult> {
  const weighty = rows.filter(mattersToIncidents);
  if (weighty.length === 0) return resultOf(rows.length, undefined);

  await lockSite(tx, source.siteId);
  const verdicts = weighty.filter((row) => row.kind === "verdict");
  const referred = await referredEvents(tx, source, verdicts);
  const concerned = [...weighty, ...referred.values()];
  const board = await loadBoard(tx, {
    siteId: source.siteId,
    nowMs,
    fingerprints: [...new Set(concerned.map((row) => row.fingerprint))],
    devices: [...new Set(weighty.map((row) => row.device).filter((device) => device !== ""))],
  });
  for (const row of weighty) {
    row.deviceId = board.site.devices.get(row.device)?.id ?? null;
    const about = referred.get(row.refersToSeq);
    if (row.kind !== "verdict") applyEvent(board, { ...row, severity: row.effectiveSeverity });
    else if (about) await applyVerdict(tx, board, row, about);
  }
  concludeBoard(board);
  await saveBoard(tx, board);
  return resultOf(rows.length, board);
}

/** Moments of no weight (a counter reset, a config change) are evidence, not incidents: they are stored, no more. */
function mattersToIncidents(row: EventRow): boolean {
  return row.state !== "moment" || row.kind === "verdict" || severityRank(row.effectiveSeverity) > 0;
}

function resultOf(stored: number, board: Board | undefined): IngestResult {
  const incidents = [...(board?.incidents ?? [])];
  const ids = (change: string) => incidents.filter((i) => i.change === change).map((i) => i.id);
  return {
    stored,
    opened: ids("opened"),
    reopened: ids("reopened"),
    merged: ids("merged"),
    resolved: ids("resolved"),
  };
}

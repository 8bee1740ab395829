import { incidentEvents, incidents } from "@watchpost/db/schema";
import { and, eq, exists, inArray, isNull, lt, lte, ne, or, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { contextFor, type Hub } from "../hub.ts";
import { type Board, firingOf, isOpen, mark } from "./board.ts";
import { bringBack, concludeBoard, ROOT_LINGER_MS } from "./conclude.ts";
import { loadBoard, lockSite } from "./load-board.ts";
import { saveBoard } from "./save-board.ts";

/** A moment (a reboot, a trap) that nothing followed is over after this time. */
export const SETTLE_AFTER_MS = 600_000;
const SWEEP_INTERVAL_MS = 30_000;
const SITES_A_SWEEP_MAX = 500;

/** Looks every 30 s for incidents that time alone changes. Several hubs may do so: each site's lock orders them. */
export function startSettling(hub: Hub): { stop(): Promise<void> } {
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => {
    sweeping ??= settleIncidents(contextFor(hub, { kind: "system" }))
      .catch((error: unknown) => hub.log.error({ err: error }, "settling incidents failed; the next sweep tries again"))
      .finally(() => {
        sweeping = undefined;
      });
  }, SWEEP_INTERVAL_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await sweeping;
    },
  };
}

/** Resolves incidents of moments that stayed quiet, renames those whose root ended, and ends silences. */
export async function settleIncidents(ctx: Context): Promise<void> {
  const nowMs = ctx.clock.nowMs();
  for (const siteId of await unsettledSites(ctx.db, nowMs)) {
    await ctx.db.transaction(async (tx) => {
      await lockSite(tx, siteId);
      const board = await loadBoard(tx, { siteId, nowMs, fingerprints: [], devices: [] });
      settle(board);
      await saveBoard(tx, board);
    });
  }
}

async function unsettledSites(db: Context["db"], nowMs: number): Promise<(string | null)[]> {
  const rootEnded = db
    .select({ one: sql`1` })
    .from(incidentEvents)
    .where(
      and(
        eq(incidentEvents.incidentId, incidents.id),
        eq(incidentEvents.fingerprint, incidents.fingerprint),
        inArray(incidentEvents.state, ["cleared", "moment"]),
        lt(incidentEvents.lastObservedAt, new Date(nowMs - ROOT_LINGER_MS)),
      ),
    );
  const rows = await db
    .selectDistinct({ siteId: incidents.siteId })
    .from(incidents)
    .where(or(and(ne(incidents.status, "resolved"), exists(rootEnded)), silenceOver(nowMs)))
    .limit(SITES_A_SWEEP_MAX);
  return rows.map((row) => row.siteId);
}

/** A silence without an end is of an older version, and over. */
function silenceOver(nowMs: number) {
  const { status, silencedUntil } = incidents;
  return and(eq(status, "silenced"), or(isNull(silencedUntil), lte(silencedUntil, new Date(nowMs))));
}

function settle(board: Board): void {
  for (const incident of board.incidents) {
    if (!isOpen(incident)) continue;
    if (incident.status === "silenced" && (incident.silencedUntilMs ?? 0) <= board.nowMs)
      bringBack(incident, "its time is over");
    const root = incident.problems.get(incident.root);
    if (firingOf(incident).length > 0) {
      if (root?.state === "cleared") mark(incident, "updated");
      continue;
    }
    const quietMs = board.nowMs - incident.lastEventMs;
    // A person's hands are on it: a person ends it.
    if (root?.state !== "moment" || quietMs < SETTLE_AFTER_MS || incident.status === "in_progress") continue;
    incident.status = "resolved";
    incident.silencedUntilMs = null;
    incident.resolvedMs = board.nowMs;
    incident.change = "resolved";
    incident.timeline.push({
      kind: "resolved",
      text: `Resolved by itself: nothing followed within ${SETTLE_AFTER_MS / 60_000} minutes`,
    });
  }
  concludeBoard(board);
}

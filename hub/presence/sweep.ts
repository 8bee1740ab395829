import type { Transaction } from "@watchpost/db";
import { collectors, incidentEvents, incidents, sites } from "@watchpost/db/schema";
import { and, eq, exists, gte, isNotNull, lt, ne, not, or, type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { ingestRows, lockSite } from "../incident/index.ts";
import { type KnownCollector, type Silence, silenceRow } from "./silence-event.ts";

const COLLECTORS_A_SWEEP_MAX = 200;

export interface Sweep {
  silentAfterMs: number;
  /** Since when this hub could have heard everybody: nobody is silent for what we slept through. */
  watchingSinceMs: number;
}

/** Opens and ends the incidents of silent collectors. Returns how many of each. */
export async function sweepPresence(ctx: Context, sweep: Sweep): Promise<{ lost: number; back: number }> {
  const told = { lost: 0, back: 0 };
  for (const id of await changedCollectors(ctx, sweep)) {
    const silence = await tellOf(ctx, id, sweep);
    if (silence?.state === "firing") told.lost += 1;
    if (silence?.state === "cleared") told.back += 1;
  }
  return told;
}

async function changedCollectors(ctx: Context, sweep: Sweep): Promise<string[]> {
  const rows = await ctx.db
    .select({ id: collectors.id })
    .from(collectors)
    .where(
      or(
        and(isSilent(ctx.clock.nowMs(), sweep), not(isTold(ctx.db))),
        and(isOver(ctx.clock.nowMs(), sweep), isStanding(ctx.db)),
      ),
    )
    .orderBy(collectors.id)
    .limit(COLLECTORS_A_SWEEP_MAX);
  return rows.map(({ id }) => id);
}

/** Looks again under the site's lock, so that of two hubs one tells, and tells the truth of this moment. */
async function tellOf(ctx: Context, collectorId: string, sweep: Sweep): Promise<Silence | undefined> {
  const nowMs = ctx.clock.nowMs();
  return ctx.db.transaction(async (tx) => {
    const [place] = await tx
      .select({ siteId: collectors.siteId })
      .from(collectors)
      .where(eq(collectors.id, collectorId));
    if (!place) return undefined;
    await lockSite(tx, place.siteId);
    const [row] = await tx
      .select({
        id: collectors.id,
        name: collectors.name,
        status: collectors.status,
        siteId: collectors.siteId,
        site: sites.name,
        lastSeenAt: collectors.lastSeenAt,
        silent: sql<boolean>`(${isSilent(nowMs, sweep)})`,
        over: sql<boolean>`(${isOver(nowMs, sweep)})`,
        told: sql<boolean>`(${isTold(tx)})`,
        standing: sql<boolean>`(${isStanding(tx)})`,
      })
      .from(collectors)
      .innerJoin(sites, eq(sites.id, collectors.siteId))
      .where(eq(collectors.id, collectorId));
    if (!row?.lastSeenAt) return undefined;
    const silence = verdictOn(row);
    if (silence) await ingest(tx, { ...row, lastSeenAt: row.lastSeenAt }, { silence, nowMs });
    return silence;
  });
}

function verdictOn(row: { status: string; silent: boolean; over: boolean; told: boolean; standing: boolean }) {
  if (row.silent && !row.told) return { state: "firing" } satisfies Silence;
  if (!row.over || !row.standing) return undefined;
  const because = row.status === "revoked" ? "was revoked" : "is back";
  return { state: "cleared", because } satisfies Silence;
}

async function ingest(
  tx: Transaction,
  collector: KnownCollector,
  { silence, nowMs }: { silence: Silence; nowMs: number },
): Promise<void> {
  const { siteId, site } = collector;
  const source = { siteId, site, collectorId: null, outboxEpoch: "" };
  await ingestRows(tx, { source, nowMs, rows: [silenceRow(collector, silence, nowMs)] });
}

function isSilent(nowMs: number, { silentAfterMs, watchingSinceMs }: Sweep): SQL | undefined {
  const before = nowMs - silentAfterMs;
  if (watchingSinceMs > before) return sql`false`;
  return and(
    ne(collectors.status, "revoked"),
    isNotNull(collectors.lastSeenAt),
    lt(collectors.lastSeenAt, new Date(before)),
  );
}

function isOver(nowMs: number, { silentAfterMs }: Sweep): SQL | undefined {
  return or(
    eq(collectors.status, "revoked"),
    and(eq(collectors.status, "streaming"), gte(collectors.lastSeenAt, new Date(nowMs - silentAfterMs))),
  );
}

type Reader = Pick<Context["db"], "select">;

const fingerprint = sql`'collector-silent/' || ${collectors.id}::text`;

/** An open incident says that it is silent. */
function isStanding(db: Reader): SQL {
  return exists(
    db
      .select({ one: sql`1` })
      .from(incidentEvents)
      .innerJoin(incidents, eq(incidents.id, incidentEvents.incidentId))
      .where(
        and(
          eq(incidentEvents.fingerprint, fingerprint),
          eq(incidentEvents.state, "firing"),
          ne(incidents.status, "resolved"),
        ),
      ),
  );
}

/** It stands, or a person has ended the incident of this very silence, whose time is that of the last word. */
function isTold(db: Reader): SQL {
  const sameSilence = exists(
    db
      .select({ one: sql`1` })
      .from(incidentEvents)
      .where(
        and(eq(incidentEvents.fingerprint, fingerprint), eq(incidentEvents.lastObservedAt, collectors.lastSeenAt)),
      ),
  );
  return sql`(${isStanding(db)} or ${sameSilence})`;
}

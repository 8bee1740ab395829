import type { Database } from "@watchpost/db";
import { events } from "@watchpost/db/schema";
import { and, asc, between, desc, eq, gte, isNull, lte, ne, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { counted } from "./amount.ts";
import { LIST_MAX, listed, lookupText, type Signal, type SignalKind, type Tool, type ToolScope } from "./tool.ts";

const BEFORE_MS = 10 * 60_000;
const AFTER_MS = 10 * 60_000;
/** Beyond this many it says "at least". */
const COUNTED_MAX = 1_000;
const STANDING_MAX = 1_000;

const parameters = z.object({ device: z.string().min(1).max(253).optional() });

/** What else the site reported around the time of the incident. */
export const eventsTool: Tool<typeof parameters> = {
  name: "events",
  description: "Events of the site within ten minutes of the incident; give device for one device alone.",
  parameters,
  async run(env, scope, { device }) {
    const input = device === undefined ? {} : { device };
    const span = { from: new Date(scope.aboutMs - BEFORE_MS), to: new Date(scope.aboutMs + AFTER_MS) };
    const which = happened(scope, span, device);
    const [kinds, standing, first] = await Promise.all([
      kindsOf(env.db, which),
      standingOf(env.db, which),
      firstOf(env.db, which),
    ]);
    const count = kinds.reduce((sum, row) => sum + row.count, 0);
    const result = {
      from: span.from.toISOString(),
      to: span.to.toISOString(),
      count,
      countMax: COUNTED_MAX,
      byKind: Object.fromEntries(kinds.map((row) => [row.kind, row.count])),
      standing: { count: standing.length, events: standing.slice(0, LIST_MAX).map(shown) },
      events: first.map(shown),
    };
    const names = standing.map((row) => `${row.kind} ${row.device}${row.object === "" ? "" : ` ${row.object}`}`);
    const told = `${count < COUNTED_MAX ? "" : "at least "}${counted(count, "event")}`;
    const finding =
      count === 0
        ? `no event of ${device ?? scope.site} in these minutes`
        : `${told} of ${device ?? scope.site}, ${counted(standing.length, "problem still stands", "problems still stand")}${names.length > 0 ? `: ${listed(names)}` : ""}`;
    return {
      title: `events of ${device ?? scope.site} around the incident`,
      query: lookupText("events", input),
      queryArguments: input,
      finding,
      severity: standing.length > 0 ? "warning" : "info",
      result,
      signals: standing.flatMap(signalOf),
    };
  },
};

function happened({ siteId, nowMs }: ToolScope, { from, to }: { from: Date; to: Date }, device: string | undefined) {
  return and(
    siteId === null ? isNull(events.siteId) : eq(events.siteId, siteId),
    between(events.observedAt, from, to),
    // Partitions are by time of arrival, which is never before it was observed by more than the clocks differ.
    gte(events.receivedAt, new Date(from.getTime() - 86_400_000)),
    lte(events.receivedAt, new Date(nowMs + 60_000)),
    ne(events.kind, "verdict"),
    device === undefined ? undefined : eq(events.device, device),
  );
}

const { kind, state, severity, device, object, summary, observedAt } = events;
const COLUMNS = { kind, state, severity, device, object, summary, observedAt };

/**
 * Counted where they are: a site that comes back after a day has thousands in these minutes. These are planned each time:
 * a plan that was kept from when the month was empty takes ten times as long.
 */
function kindsOf(db: Database, which: SQL | undefined): Promise<{ kind: string; count: number }[]> {
  const some = db.select({ kind }).from(events).where(which).limit(COUNTED_MAX).as("some");
  return db
    .select({ kind: some.kind, count: sql<number>`count(*)::int` })
    .from(some)
    .groupBy(some.kind)
    .orderBy(some.kind);
}

/** Problems whose newest event says that they stand, oldest first. */
function standingOf(db: Database, which: SQL | undefined): Promise<Row[]> {
  const newest = db
    .selectDistinctOn([events.fingerprint], COLUMNS)
    .from(events)
    .where(and(which, ne(events.state, "moment")))
    .orderBy(events.fingerprint, desc(events.observedAt), desc(events.seq))
    .as("newest");
  return db.select().from(newest).where(eq(newest.state, "firing")).orderBy(newest.observedAt).limit(STANDING_MAX);
}

function firstOf(db: Database, which: SQL | undefined): Promise<Row[]> {
  return db.select(COLUMNS).from(events).where(which).orderBy(asc(events.observedAt), asc(events.seq)).limit(LIST_MAX);
}

type Row = Pick<typeof events.$inferSelect, keyof typeof COLUMNS>;

const SIGNAL_OF: Readonly<Record<string, SignalKind>> = {
  "device-down": "not-answering",
  "interface-down": "interface-down-reported",
  "interface-flapping": "flapping-reported",
  threshold: "threshold-reported",
  sensor: "sensor-bad",
  "device-slow": "slow",
};

function signalOf(row: Row): Signal[] {
  const kind = SIGNAL_OF[row.kind];
  if (kind === undefined || row.device === "") return [];
  return [{ kind, device: row.device, ...(row.object === "" ? {} : { interface: row.object }), strength: 1 }];
}

function shown(row: Row) {
  const { kind, state, severity, device, object, summary } = row;
  return { at: row.observedAt.toISOString(), kind, state, severity, device, object, summary };
}

import { events } from "@watchpost/db/schema";
import { and, asc, between, eq, gte, isNull, lte, ne } from "drizzle-orm";
import { z } from "zod";
import { counted } from "./amount.ts";
import { LIST_MAX, listed, lookupText, type Signal, type SignalKind, type Tool } from "./tool.ts";

const BEFORE_MS = 10 * 60_000;
const AFTER_MS = 10 * 60_000;
const ROWS_MAX = 1_000;

const parameters = z.object({ device: z.string().min(1).max(253).optional() });

/** What else the site reported around the time of the incident. */
export const eventsTool: Tool<typeof parameters> = {
  name: "events",
  description: "Events of the site within ten minutes of the incident; give device for one device alone.",
  parameters,
  async run(env, scope, { device }) {
    const input = device === undefined ? {} : { device };
    const from = new Date(scope.aboutMs - BEFORE_MS);
    const to = new Date(scope.aboutMs + AFTER_MS);
    const rows = await env.db
      .select()
      .from(events)
      .where(
        and(
          scope.siteId === null ? isNull(events.siteId) : eq(events.siteId, scope.siteId),
          between(events.observedAt, from, to),
          // Partitions are by time of arrival, which is never before it was observed by more than the clocks differ.
          gte(events.receivedAt, new Date(from.getTime() - 86_400_000)),
          lte(events.receivedAt, new Date(scope.nowMs + 60_000)),
          ne(events.kind, "verdict"),
          device === undefined ? undefined : eq(events.device, device),
        ),
      )
      .orderBy(asc(events.observedAt), asc(events.seq))
      .limit(ROWS_MAX);
    const standing = standingOf(rows);
    const result = {
      from: from.toISOString(),
      to: to.toISOString(),
      count: rows.length,
      byKind: countBy(rows.map((row) => row.kind)),
      standing: { count: standing.length, events: standing.slice(0, LIST_MAX).map(shown) },
      events: rows.slice(0, LIST_MAX).map(shown),
    };
    const names = standing.map((row) => `${row.kind} ${row.device}${row.object === "" ? "" : ` ${row.object}`}`);
    const finding =
      rows.length === 0
        ? `no event of ${device ?? scope.site} in these minutes`
        : `${counted(rows.length, "event")} of ${device ?? scope.site}, ${counted(standing.length, "problem still stands", "problems still stand")}${names.length > 0 ? `: ${listed(names)}` : ""}`;
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

type Row = typeof events.$inferSelect;

/** Problems whose newest event says that they stand. */
function standingOf(rows: readonly Row[]): Row[] {
  const newest = new Map<string, Row>();
  for (const row of rows) if (row.state !== "moment") newest.set(row.fingerprint, row);
  return [...newest.values()].filter((row) => row.state === "firing");
}

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

export function countBy(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

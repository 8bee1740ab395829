import { events, sites } from "@watchpost/db/schema";
import { and, desc, eq, lt, or, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";
import { SEVERITIES, type SeverityName } from "../incident/index.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

export const EVENT_STATES = ["firing", "cleared", "moment"] as const;
export type EventStateName = (typeof EVENT_STATES)[number];

export interface ListEvents {
  /** Name of the site. */
  site?: string | undefined;
  device?: string | undefined;
  kind?: string | undefined;
  state?: EventStateName | undefined;
  severity?: SeverityName | undefined;
  fingerprint?: string | undefined;
  /** 1 to 200; 50 when not given. */
  limit?: number | undefined;
  /** nextCursor of the page before. */
  cursor?: string | undefined;
}

export interface EventView {
  id: string;
  receivedAt: Date;
  observedAt: Date;
  site: string | null;
  collectorId: string | null;
  deviceId: string | null;
  device: string;
  object: string;
  kind: string;
  state: EventStateName;
  severity: SeverityName;
  fingerprint: string;
  /** Untrusted text from the site. */
  summary: string;
  attributes: Record<string, string>;
  verdict: Record<string, unknown> | null;
}

export interface EventPage {
  events: EventView[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** Events as they were received, newest first. */
export async function listEvents(ctx: Context, input: ListEvents = {}): Promise<EventPage> {
  requirePermission(ctx, "incident:read");
  const limit = Math.min(Math.max(Math.trunc(input.limit ?? LIMIT_DEFAULT), 1), LIMIT_MAX);
  const rows = await ctx.db
    .select({ event: events, site: sites.name })
    .from(events)
    .leftJoin(sites, eq(sites.id, events.siteId))
    .where(and(...conditions(input)))
    .orderBy(desc(events.receivedAt), desc(events.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit).map(({ event, site }) => viewOf(event, site));
  const last = page.at(-1);
  return { events: page, nextCursor: rows.length > limit && last ? formatCursor(last) : null };
}

function viewOf(row: typeof events.$inferSelect, site: string | null): EventView {
  const { siteId: _siteId, outboxEpoch: _epoch, seq: _seq, ...shown } = row;
  const state = z.enum(EVENT_STATES).parse(row.state);
  return { ...shown, site, state, severity: z.enum(SEVERITIES).parse(row.severity) };
}

function conditions(input: ListEvents): (SQL | undefined)[] {
  const { site, device, kind, state, severity, fingerprint, cursor } = input;
  return [
    site === undefined ? undefined : eq(sites.name, site),
    device === undefined ? undefined : eq(events.device, device),
    kind === undefined ? undefined : eq(events.kind, kind),
    state && eq(events.state, state),
    severity && eq(events.severity, severity),
    fingerprint === undefined ? undefined : eq(events.fingerprint, fingerprint),
    cursor === undefined ? undefined : after(parseCursor(cursor)),
  ];
}

function after({ at, id }: { at: Date; id: string }): SQL | undefined {
  return or(lt(events.receivedAt, at), and(eq(events.receivedAt, at), lt(events.id, id)));
}

function formatCursor(last: EventView): string {
  return `${last.receivedAt.getTime()}.${last.id}`;
}

function parseCursor(text: string): { at: Date; id: string } {
  const [atMs = "", id = ""] = text.split(".");
  if (/^\d{1,15}$/.test(atMs) && z.uuid().safeParse(id).success) return { at: new Date(Number(atMs)), id };
  throw new HubError("bad-request", "cursor is not one that a list returned. Leave it out to start from the newest.");
}

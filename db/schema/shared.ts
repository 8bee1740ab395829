/** Schema shared: what happened, who works on it, who changed what. */
import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { at, bytea, id } from "./column.ts";

export const shared = pgSchema("shared");

/** Partitioned by month of received_at (see generate.ts): stored order never depends on a site's clock. */
export const events = shared.table(
  "events",
  {
    id: uuid()
      .notNull()
      .$defaultFn(() => Bun.randomUUIDv7()),
    receivedAt: at("received_at").notNull().defaultNow(),
    observedAt: at("observed_at").notNull(),
    siteId: uuid("site_id"),
    /** Null for an event that came by webhook. */
    collectorId: uuid("collector_id"),
    outboxEpoch: text("outbox_epoch").notNull().default(""),
    seq: bigint({ mode: "number" }),
    deviceId: uuid("device_id"),
    /** Name of the device as the source gave it, kept when the device is unknown. */
    device: text().notNull().default(""),
    object: text().notNull().default(""),
    /** device-down | interface-down | threshold | … : EventKind in kebab case, or "webhook". */
    kind: text().notNull(),
    /** firing | cleared | moment */
    state: text().notNull(),
    /** info | warning | error | critical */
    severity: text().notNull(),
    fingerprint: text().notNull(),
    summary: text().notNull(),
    attributes: jsonb().$type<Record<string, string>>().notNull().default({}),
    verdict: jsonb().$type<Record<string, unknown>>(),
  },
  (t) => [
    // Each index costs an insert as much as the row itself: the key serves lists too, the next one analyses.
    primaryKey({ columns: [t.receivedAt, t.id] }),
    index().on(t.siteId, t.observedAt),
    index().on(t.collectorId, t.outboxEpoch, t.seq),
    index().on(t.fingerprint, t.receivedAt),
  ],
);

export const incidents = shared.table(
  "incidents",
  {
    id: id(),
    /** Short number for people: INC-42. */
    number: bigserial({ mode: "number" }).notNull().unique(),
    siteId: uuid("site_id"),
    deviceId: uuid("device_id"),
    /** Names device and fault: "core-sw1 uplink Te1/1 down". */
    alertName: text("alert_name").notNull(),
    /** info | warning | error | critical */
    severity: text().notNull(),
    /** P0 | P1 | P2 | P3 */
    priority: text().notNull(),
    /** new | acknowledged | in_progress | resolved | silenced */
    status: text().notNull().default("new"),
    /** Fingerprint of its most upstream event: the one that title and device name. */
    fingerprint: text().notNull(),
    eventCount: integer("event_count").notNull().default(0),
    /** Open (firing, not yet cleared) fingerprints. */
    openCount: integer("open_count").notNull().default(0),
    /** Devices its events name. */
    deviceCount: integer("device_count").notNull().default(0),
    /** The incident that took over its events when one cause turned out to stand behind both. */
    mergedInto: uuid("merged_into"),
    aiAnalysis: jsonb("ai_analysis").$type<Record<string, unknown>>(),
    recommendedActions: jsonb("recommended_actions").$type<Record<string, unknown>[]>().notNull().default([]),
    assignedTo: uuid("assigned_to").references(() => users.id),
    /** Optimistic lock: every change adds one. */
    revision: integer().notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    lastEventAt: at("last_event_at").notNull().defaultNow(),
    acknowledgedAt: at("acknowledged_at"),
    /** When a silenced incident comes back by itself. */
    silencedUntil: at("silenced_until"),
    resolvedAt: at("resolved_at"),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [
    index().on(t.status, t.createdAt),
    uniqueIndex("incidents_one_open_per_fingerprint").on(t.siteId, t.fingerprint).where(sql`status <> 'resolved'`),
  ],
);

/** Which problems an incident holds: one row a fingerprint, newest event kept. */
export const incidentEvents = shared.table(
  "incident_events",
  {
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id, { onDelete: "cascade" }),
    fingerprint: text().notNull(),
    eventId: uuid("event_id").notNull(),
    deviceId: uuid("device_id"),
    device: text().notNull().default(""),
    object: text().notNull().default(""),
    kind: text().notNull(),
    /** firing | cleared | moment */
    state: text().notNull(),
    severity: text().notNull(),
    summary: text().notNull(),
    /** Fingerprint of the event that the site's triage named as the cause; empty when it named none. */
    explainedBy: text("explained_by").notNull().default(""),
    count: integer().notNull().default(1),
    firstObservedAt: at("first_observed_at").notNull(),
    lastObservedAt: at("last_observed_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.incidentId, t.fingerprint] }), index().on(t.fingerprint)],
);

export const incidentTimeline = shared.table(
  "incident_timeline",
  {
    id: id(),
    incidentId: uuid("incident_id")
      .notNull()
      .references(() => incidents.id, { onDelete: "cascade" }),
    /** opened | event | acknowledged | started | resolved | reopened | silenced | comment | diagnosis | script */
    kind: text().notNull(),
    text: text().notNull(),
    /** Person, or null when the system did it. */
    userId: uuid("user_id"),
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    at: at("at").notNull().defaultNow(),
  },
  (t) => [index().on(t.incidentId, t.at)],
);

export const users = shared.table("users", {
  id: id(),
  email: text().notNull().unique(),
  name: text().notNull(),
  /** viewer | operator | admin */
  role: text().notNull(),
  active: boolean().notNull().default(true),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const signInLinks = shared.table("sign_in_links", {
  id: id(),
  userId: uuid("user_id")
    .notNull()
    .references(() => users.id),
  secretHash: bytea("secret_hash").notNull().unique(),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const userSessions = shared.table("user_sessions", {
  id: id(),
  userId: uuid("user_id")
    .notNull()
    .references(() => users.id),
  secretHash: bytea("secret_hash").notNull().unique(),
  createdAt: at("created_at").notNull().defaultNow(),
  lastSeenAt: at("last_seen_at").notNull().defaultNow(),
  expiresAt: at("expires_at").notNull(),
  endedAt: at("ended_at"),
});

/** Bearer tokens for programs. */
export const apiTokens = shared.table("api_tokens", {
  id: id(),
  name: text().notNull(),
  userId: uuid("user_id")
    .notNull()
    .references(() => users.id),
  /** Never above the role of its user. */
  role: text().notNull(),
  secretHash: bytea("secret_hash").notNull().unique(),
  expiresAt: at("expires_at"),
  revokedAt: at("revoked_at"),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const auditLog = shared.table(
  "audit_log",
  {
    id: bigserial({ mode: "number" }).primaryKey(),
    at: at("at").notNull().defaultNow(),
    /** Person or token owner; null for the system and for collectors. */
    userId: uuid("user_id"),
    /** person:<email> | token:<name> | collector:<id> | system */
    actor: text().notNull(),
    action: text().notNull(),
    entity: text().notNull(),
    entityId: text("entity_id").notNull(),
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index().on(t.entity, t.entityId), index().on(t.at)],
);

/** Live updates, ascending in commit order (see bus/publish). The truth behind /ai-stream, Insights.Watch and pages. */
export const bus = shared.table(
  "bus",
  {
    id: bigserial({ mode: "number" }).primaryKey(),
    /** insight | incident | device | collector | execution | approval */
    topic: text().notNull(),
    /** Id of the entity concerned. */
    key: text().notNull(),
    payload: jsonb().$type<Record<string, unknown>>().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [index().on(t.topic, t.id)],
);

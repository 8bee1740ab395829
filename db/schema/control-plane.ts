/** Schema control_plane: what stands at the sites and what may be done to it. */
import {
  bigint,
  boolean,
  inet,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { at, bytea, id } from "./column.ts";

export const controlPlane = pgSchema("control_plane");

export const sites = controlPlane.table("sites", {
  id: id(),
  /** Short name, used in certificates and metric labels: [a-z0-9-], at most 63 characters. */
  name: text().notNull().unique(),
  title: text().notNull(),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const collectors = controlPlane.table(
  "collectors",
  {
    id: id(),
    siteId: uuid("site_id")
      .notNull()
      .references(() => sites.id),
    name: text().notNull(),
    version: text().notNull().default(""),
    /** streaming | disconnected | revoked */
    status: text().notNull().default("disconnected"),
    certificateSerial: text("certificate_serial").notNull(),
    /** The one a renewal was asked with: good until the new one is seen in use. */
    previousCertificateSerial: text("previous_certificate_serial"),
    certificateNotAfter: at("certificate_not_after").notNull(),
    enrolledAt: at("enrolled_at").notNull().defaultNow(),
    lastSeenAt: at("last_seen_at"),
    /** Site clock minus hub clock, milliseconds. */
    clockOffsetMs: bigint("clock_offset_ms", { mode: "number" }),
    samplesPending: bigint("samples_pending", { mode: "number" }),
    eventsPending: bigint("events_pending", { mode: "number" }),
    allowedScripts: jsonb("allowed_scripts").$type<string[]>().notNull().default([]),
    configVersion: integer("config_version").notNull().default(0),
  },
  (t) => [unique().on(t.siteId, t.name)],
);

/** How far each outbox of a collector is committed here: the reason why no event is applied twice. */
export const collectorStreams = controlPlane.table(
  "collector_streams",
  {
    collectorId: uuid("collector_id")
      .notNull()
      .references(() => collectors.id),
    outboxEpoch: text("outbox_epoch").notNull(),
    ackedSeq: bigint("acked_seq", { mode: "number" }).notNull().default(0),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.collectorId, t.outboxEpoch] })],
);

export const collectorConfigs = controlPlane.table(
  "collector_configs",
  {
    collectorId: uuid("collector_id")
      .notNull()
      .references(() => collectors.id),
    version: integer().notNull(),
    yaml: text().notNull(),
    /** pushed | applied | refused */
    state: text().notNull().default("pushed"),
    reason: text().notNull().default(""),
    createdBy: uuid("created_by"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.collectorId, t.version] })],
);

export const enrollmentTokens = controlPlane.table("enrollment_tokens", {
  id: id(),
  siteId: uuid("site_id")
    .notNull()
    .references(() => sites.id),
  secretHash: bytea("secret_hash").notNull(),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
  usedByCollectorId: uuid("used_by_collector_id").references(() => collectors.id),
  createdBy: uuid("created_by"),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const deviceGroups = controlPlane.table("device_groups", {
  id: id(),
  name: text().notNull().unique(),
  description: text().notNull().default(""),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const devices = controlPlane.table(
  "devices",
  {
    id: id(),
    siteId: uuid("site_id")
      .notNull()
      .references(() => sites.id),
    collectorId: uuid("collector_id").references(() => collectors.id),
    deviceGroupId: uuid("device_group_id").references(() => deviceGroups.id),
    name: text().notNull(),
    ipAddress: inet("ip_address").notNull(),
    role: text().notNull().default(""),
    sysName: text("sys_name").notNull().default(""),
    sysDescr: text("sys_descr").notNull().default(""),
    sysObjectId: text("sys_object_id").notNull().default(""),
    vendor: text().notNull().default(""),
    model: text().notNull().default(""),
    osVersion: text("os_version").notNull().default(""),
    serial: text().notNull().default(""),
    /** up | down | unknown */
    state: text().notNull().default("unknown"),
    stateSince: at("state_since"),
    lastPolledAt: at("last_polled_at"),
    /** False once the collector's full listing no longer names it. */
    configured: boolean().notNull().default(true),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [unique().on(t.siteId, t.name), index().on(t.state)],
);

export const interfaces = controlPlane.table(
  "interfaces",
  {
    id: id(),
    deviceId: uuid("device_id")
      .notNull()
      .references(() => devices.id, { onDelete: "cascade" }),
    ifIndex: integer("if_index").notNull(),
    name: text().notNull(),
    alias: text().notNull().default(""),
    type: integer().notNull().default(0),
    mac: text().notNull().default(""),
    speedBps: bigint("speed_bps", { mode: "number" }).notNull().default(0),
    /** IF-MIB numbers (RFC 2863). */
    adminStatus: integer("admin_status").notNull().default(4),
    operStatus: integer("oper_status").notNull().default(4),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [unique().on(t.deviceId, t.name)],
);

/** Neighbour rows as each device reports them; the remote end is resolved to a device of the same site by name. */
export const links = controlPlane.table(
  "links",
  {
    id: id(),
    siteId: uuid("site_id")
      .notNull()
      .references(() => sites.id),
    deviceId: uuid("device_id")
      .notNull()
      .references(() => devices.id, { onDelete: "cascade" }),
    localPort: text("local_port").notNull(),
    remoteDeviceId: uuid("remote_device_id").references(() => devices.id, { onDelete: "set null" }),
    remoteSystem: text("remote_system").notNull(),
    remotePort: text("remote_port").notNull(),
    protocol: text().notNull(),
    lastSeenAt: at("last_seen_at").notNull().defaultNow(),
  },
  (t) => [unique().on(t.deviceId, t.localPort, t.remoteSystem, t.remotePort)],
);

export const scripts = controlPlane.table("scripts", {
  id: id(),
  name: text().notNull().unique(),
  description: text().notNull().default(""),
  latestVersion: integer("latest_version").notNull().default(1),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const scriptVersions = controlPlane.table(
  "script_versions",
  {
    id: id(),
    scriptId: uuid("script_id")
      .notNull()
      .references(() => scripts.id),
    version: integer().notNull(),
    argv: jsonb().$type<string[]>().notNull(),
    body: text().notNull().default(""),
    parameterSchema: jsonb("parameter_schema").$type<Record<string, unknown>>().notNull(),
    timeoutMs: integer("timeout_ms").notNull().default(30_000),
    outputBytesMax: integer("output_bytes_max").notNull().default(262_144),
    /** Hex SHA-256 over the canonical script. */
    sha256: text().notNull(),
    createdBy: uuid("created_by"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [unique().on(t.scriptId, t.version)],
);

export const approvals = controlPlane.table(
  "approvals",
  {
    id: id(),
    scriptVersionId: uuid("script_version_id")
      .notNull()
      .references(() => scriptVersions.id),
    collectorId: uuid("collector_id")
      .notNull()
      .references(() => collectors.id),
    incidentId: uuid("incident_id"),
    parameters: jsonb().$type<Record<string, unknown>>().notNull(),
    /** Device names. */
    targets: jsonb().$type<string[]>().notNull(),
    /** Hex SHA-256 over script version, parameters, targets and expiry: what the person saw is what is signed. */
    bindingHash: text("binding_hash").notNull(),
    /** pending | approved | rejected | expired */
    status: text().notNull().default("pending"),
    dryRun: boolean("dry_run").notNull().default(false),
    initiatedBy: text("initiated_by").notNull(),
    requestedBy: uuid("requested_by"),
    decidedBy: uuid("decided_by"),
    decidedAt: at("decided_at"),
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [index().on(t.status)],
);

export const scriptExecutions = controlPlane.table(
  "script_executions",
  {
    id: id(),
    approvalId: uuid("approval_id")
      .notNull()
      .references(() => approvals.id),
    collectorId: uuid("collector_id")
      .notNull()
      .references(() => collectors.id),
    incidentId: uuid("incident_id"),
    /** queued | sent | running | finished | refused | timed-out | cancelled | failed-to-start | interrupted */
    status: text().notNull().default("queued"),
    /** Serialized SignedOrder, sent again until the collector answers or it expires. */
    signedOrder: bytea("signed_order").notNull(),
    exitCode: integer("exit_code"),
    reasonCode: text("reason_code").notNull().default(""),
    reason: text().notNull().default(""),
    truncated: boolean().notNull().default(false),
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
    durationMs: integer("duration_ms"),
  },
  (t) => [index().on(t.collectorId, t.status)],
);

export const scriptOutput = controlPlane.table(
  "script_output",
  {
    executionId: uuid("execution_id")
      .notNull()
      .references(() => scriptExecutions.id, { onDelete: "cascade" }),
    index: integer().notNull(),
    /** stdout | stderr */
    stream: text().notNull(),
    chunk: bytea().notNull(),
    receivedAt: at("received_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.executionId, t.index] })],
);

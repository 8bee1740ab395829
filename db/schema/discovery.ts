/** Schema control_plane, what scans found: a person decides what of it becomes a device. */
import { bigint, index, inet, integer, jsonb, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { at, id } from "./column.ts";
import { collectors, controlPlane, sites } from "./control-plane.ts";

export const discoveryScans = controlPlane.table(
  "discovery_scans",
  {
    id: id(),
    siteId: uuid("site_id")
      .notNull()
      .references(() => sites.id),
    collectorId: uuid("collector_id")
      .notNull()
      .references(() => collectors.id),
    ranges: jsonb().$type<string[]>().notNull(),
    /** requested | running | finished | cancelled | refused | failed | expired */
    status: text().notNull().default("requested"),
    reason: text().notNull().default(""),
    addressesTotal: integer("addresses_total").notNull().default(0),
    addressesDone: integer("addresses_done").notNull().default(0),
    devicesFound: integer("devices_found").notNull().default(0),
    packetsSent: bigint("packets_sent", { mode: "number" }).notNull().default(0),
    requestedBy: uuid("requested_by"),
    cancelAskedAt: at("cancel_asked_at"),
    /** Until then the order is sent again whenever its collector connects. */
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [index().on(t.collectorId, t.status)],
);

/** What a device said of itself during a scan. */
export interface ProposalFacts {
  sysName: string;
  sysDescr: string;
  sysObjectId: string;
  vendor: string;
  model: string;
  osVersion: string;
  serial: string;
  engineId: string;
  chassisId: string;
  profile: string;
  answeredAt: string[];
  addresses: string[];
  openPorts: number[];
  /** Why several addresses are held to be one device. */
  merge: { confidence: "low" | "medium" | "high" | null; reasons: string[] };
}

/** One row a device that a collector's scans found, whichever scan saw it last. */
export const deviceProposals = controlPlane.table(
  "device_proposals",
  {
    id: id(),
    siteId: uuid("site_id")
      .notNull()
      .references(() => sites.id),
    collectorId: uuid("collector_id")
      .notNull()
      .references(() => collectors.id),
    scanId: uuid("scan_id")
      .notNull()
      .references(() => discoveryScans.id),
    /** What makes it the same device in the next scan. */
    identity: text().notNull(),
    /** pending | known | accepted | rejected */
    status: text().notNull().default("pending"),
    address: inet().notNull(),
    port: integer().notNull(),
    /** Name of the credential at the site; empty when none fits. */
    credential: text().notNull(),
    facts: jsonb().$type<ProposalFacts>().notNull(),
    /** Name of the device it is, once it is one. */
    deviceName: text("device_name").notNull().default(""),
    /** The pushed configuration that added it. */
    configVersion: integer("config_version"),
    decidedBy: uuid("decided_by"),
    decidedAt: at("decided_at"),
    reason: text().notNull().default(""),
    firstSeenAt: at("first_seen_at").notNull().defaultNow(),
    lastSeenAt: at("last_seen_at").notNull().defaultNow(),
  },
  (t) => [unique().on(t.collectorId, t.identity), index().on(t.status)],
);

export const discoveryLinks = controlPlane.table(
  "discovery_links",
  {
    scanId: uuid("scan_id")
      .notNull()
      .references(() => discoveryScans.id, { onDelete: "cascade" }),
    part: integer().notNull(),
    number: integer().notNull(),
    aIdentity: text("a_identity").notNull(),
    aSystem: text("a_system").notNull(),
    aPort: text("a_port").notNull(),
    bIdentity: text("b_identity").notNull(),
    bSystem: text("b_system").notNull(),
    bPort: text("b_port").notNull(),
    /** low | medium | high */
    confidence: text().notNull(),
    protocols: jsonb().$type<string[]>().notNull(),
    reason: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.scanId, t.part, t.number] })],
);

/** Devices, rules and polling in force at a collector when it last connected: what an accepted device is added to. */
export const collectorSiteConfigs = controlPlane.table("collector_site_configs", {
  collectorId: uuid("collector_id")
    .primaryKey()
    .references(() => collectors.id),
  /** 0 when it was the local file's. */
  version: integer().notNull(),
  yaml: text().notNull(),
  receivedAt: at("received_at").notNull().defaultNow(),
});

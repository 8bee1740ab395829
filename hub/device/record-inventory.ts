import type { Transaction } from "@watchpost/db";
import { devices } from "@watchpost/db/schema";
import type { Inventory } from "@watchpost/proto";
import { and, eq, inArray, sql } from "drizzle-orm";
import { type Message, publish } from "../bus/index.ts";
import type { Hub } from "../hub.ts";
import { type DeviceFacts, type DeviceReport, parseReport } from "./parse-report.ts";
import { recordInterfaces } from "./record-interfaces.ts";
import { recordNeighbours } from "./record-neighbours.ts";
import { resolveNeighbours } from "./resolve-neighbours.ts";

/** A time of poll alone is written at most this often. */
const POLLED_EVERY_MS = 30_000;
const LISTING_DEVICES_MAX = 20_000;

export interface InventorySource {
  siteId: string;
  site: string;
  collectorId: string;
}

/** Names seen since the stream began or the last full listing ended; one per stream. */
export type Listing = Set<string>;

export interface RecordedInventory {
  /** Why devices were left out, one sentence each. */
  refused: string[];
  /** Devices that this collector no longer names. */
  withdrawn: number;
}

type DeviceRow = typeof devices.$inferSelect;

/** Brings the rows of the devices in one inventory message up to date, writing only what differs. */
export async function recordInventory(
  hub: Pick<Hub, "db" | "clock">,
  source: InventorySource,
  inventory: Inventory,
  listing: Listing,
): Promise<RecordedInventory> {
  const nowMs = hub.clock.nowMs();
  const parsed = inventory.devices.map((device) => parseReport(device, nowMs));
  const refused = parsed.flatMap((p) => (p.kind === "refused" ? [p.reason] : []));
  const reports = [
    ...new Map(parsed.flatMap((p) => (p.kind === "report" ? [[p.report.name, p.report]] : []))).values(),
  ];
  if (listing.size + reports.length > LISTING_DEVICES_MAX) {
    throw new Error(`collector ${source.collectorId} listed more than ${LISTING_DEVICES_MAX} devices; split the site.`);
  }
  for (const report of reports) listing.add(report.name);

  const withdrawn = await hub.db.transaction(async (tx) => {
    const messages: Message[] = [];
    const changes: DeviceChange[] = [];
    const known = await knownDevices(tx, source, reports);
    for (const report of reports.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const change = await recordDevice(tx, { source, report, row: known.get(report.name), nowMs });
      changes.push(change);
      if (change.stateChanged) messages.push(stateMessage(source, change.id, report));
    }
    const neighboursChanged = await recordDetails(tx, source, changes);
    if (neighboursChanged || changes.some((c) => c.nameIsNew)) await resolveNeighbours(tx, source.siteId);
    const gone = inventory.whole ? await withdrawUnnamed(tx, source, listing) : 0;
    await publish(tx, ...messages);
    return gone;
  });
  if (inventory.whole) listing.clear();
  return { refused, withdrawn };
}

async function knownDevices(
  tx: Transaction,
  source: InventorySource,
  reports: DeviceReport[],
): Promise<Map<string, DeviceRow>> {
  if (reports.length === 0) return new Map();
  const names = reports.map((r) => r.name);
  const rows = await tx
    .select()
    .from(devices)
    .where(and(eq(devices.siteId, source.siteId), inArray(devices.name, names)))
    .orderBy(devices.name)
    .for("update");
  return new Map(rows.map((row) => [row.name, row]));
}

interface DeviceChange {
  id: string;
  facts: DeviceFacts | undefined;
  stateChanged: boolean;
  /** The device is new, or calls itself something new: neighbours may name it. */
  nameIsNew: boolean;
}

interface DeviceInput {
  source: InventorySource;
  report: DeviceReport;
  row: DeviceRow | undefined;
  nowMs: number;
}

async function recordDevice(tx: Transaction, { source, report, row, nowMs }: DeviceInput): Promise<DeviceChange> {
  const { facts } = report;
  const values = {
    collectorId: source.collectorId,
    ipAddress: report.ipAddress,
    role: report.role,
    state: report.state,
    stateSince: report.stateSince,
    configured: true,
    ...(report.polledAt && { lastPolledAt: report.polledAt }),
    ...(facts && columnsOf(facts)),
  };
  if (row && !differs(row, values)) {
    return { id: row.id, facts, stateChanged: false, nameIsNew: false };
  }
  const written = { ...values, updatedAt: new Date(nowMs) };
  const [saved] = await tx
    .insert(devices)
    .values({ siteId: source.siteId, name: report.name, ...written })
    .onConflictDoUpdate({ target: [devices.siteId, devices.name], set: written })
    .returning({ id: devices.id });
  if (!saved) throw new Error(`no row came back for the device ${report.name} of site ${source.site}`);
  return {
    id: saved.id,
    facts,
    stateChanged: row?.state !== report.state,
    nameIsNew: !row || (facts !== undefined && facts.sysName !== row.sysName),
  };
}

function columnsOf(facts: DeviceFacts) {
  const { interfaces: _interfaces, neighbours: _neighbours, ...columns } = facts;
  return columns;
}

function differs(row: DeviceRow, values: Partial<DeviceRow>): boolean {
  const { lastPolledAt, stateSince, ...plain } = values;
  const polledMs = lastPolledAt ? lastPolledAt.getTime() - (row.lastPolledAt?.getTime() ?? 0) : 0;
  return (
    polledMs >= POLLED_EVERY_MS ||
    stateSince?.getTime() !== row.stateSince?.getTime() ||
    Object.entries(plain).some(([key, value]) => row[key as keyof DeviceRow] !== value)
  );
}

/** A device that is down and lists nothing keeps the interfaces and neighbours it had. */
async function recordDetails(tx: Transaction, source: InventorySource, changes: DeviceChange[]): Promise<boolean> {
  const told = changes.flatMap(({ id, facts }) => (facts && facts.interfaces.length > 0 ? [{ id, facts }] : []));
  if (told.length === 0) return false;
  await recordInterfaces(tx, new Map(told.map(({ id, facts }) => [id, facts.interfaces])));
  return recordNeighbours(tx, source.siteId, new Map(told.map(({ id, facts }) => [id, facts.neighbours])));
}

async function withdrawUnnamed(tx: Transaction, source: InventorySource, listing: Listing): Promise<number> {
  const withdrawn = await tx
    .update(devices)
    .set({ configured: false })
    .where(
      and(
        eq(devices.collectorId, source.collectorId),
        eq(devices.configured, true),
        sql`${devices.name} <> all(${sql.param([...listing])}::text[])`,
      ),
    )
    .returning({ id: devices.id });
  return withdrawn.length;
}

function stateMessage(source: InventorySource, id: string, report: DeviceReport): Message {
  return { topic: "device", key: id, payload: { site: source.site, device: report.name, state: report.state } };
}

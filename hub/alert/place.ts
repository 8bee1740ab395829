import type { Transaction } from "@watchpost/db";
import { devices, sites } from "@watchpost/db/schema";
import { and, eq, inArray, or, sql } from "drizzle-orm";
import type { ReceivedAlert } from "./received.ts";

/** Where an alert belongs. A device by address gets the name that its site knows it by. */
export interface Place {
  siteId: string | null;
  site: string;
  device: string;
}

const CANDIDATES_MAX = 5_000;

/** Finds site and device of each alert. A device that two sites know belongs to none unless the alert names its site. */
export async function placesOf(tx: Transaction, alerts: readonly ReceivedAlert[]): Promise<Place[]> {
  const siteNames = [...new Set(alerts.map((alert) => alert.site).filter((name) => name !== ""))];
  const names = [...new Set(alerts.map((alert) => alert.device).filter((name) => name !== ""))];
  const known = siteNames.length === 0 ? [] : await tx.select().from(sites).where(inArray(sites.name, siteNames));
  const found = names.length === 0 ? [] : await candidates(tx, names);
  return alerts.map((alert) => {
    const site = known.find((row) => row.name === alert.site);
    const matching = found.filter(
      (row) =>
        (row.name === alert.device || row.address === alert.device) && (alert.site === "" || row.siteId === site?.id),
    );
    const [only] = matching;
    if (only && matching.length === 1) return { siteId: only.siteId, site: only.site, device: only.name };
    return { siteId: site?.id ?? null, site: site?.name ?? "", device: alert.device };
  });
}

function candidates(tx: Transaction, names: string[]) {
  const address = sql<string>`host(${devices.ipAddress})`;
  return tx
    .select({ name: devices.name, address, siteId: devices.siteId, site: sites.name })
    .from(devices)
    .innerJoin(sites, eq(devices.siteId, sites.id))
    .where(and(eq(devices.configured, true), or(inArray(devices.name, names), inArray(address, names))))
    .limit(CANDIDATES_MAX);
}

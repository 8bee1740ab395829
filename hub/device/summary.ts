import { deviceGroups, devices, sites } from "@watchpost/db/schema";
import { sql } from "drizzle-orm";
import type { DeviceStateName, DeviceSummary } from "./view.ts";

export const summaryColumns = {
  id: devices.id,
  name: devices.name,
  site: sites.name,
  siteId: devices.siteId,
  ipAddress: sql<string>`host(${devices.ipAddress})`,
  role: devices.role,
  vendor: devices.vendor,
  model: devices.model,
  state: devices.state,
  stateSince: devices.stateSince,
  lastPolledAt: devices.lastPolledAt,
  collectorId: devices.collectorId,
  groupId: devices.deviceGroupId,
  group: deviceGroups.name,
  configured: devices.configured,
};

interface SummaryRow
  extends Omit<DeviceSummary, "state" | "stateSince" | "lastPolledAt" | "collectorId" | "groupId" | "group"> {
  state: string;
  stateSince: Date | null;
  lastPolledAt: Date | null;
  collectorId: string | null;
  groupId: string | null;
  group: string | null;
}

export function summaryOf(row: SummaryRow): DeviceSummary {
  return {
    ...row,
    state: stateName(row.state),
    stateSince: row.stateSince ?? undefined,
    lastPolledAt: row.lastPolledAt ?? undefined,
    collectorId: row.collectorId ?? undefined,
    groupId: row.groupId ?? undefined,
    group: row.group ?? undefined,
  };
}

export function stateName(state: string): DeviceStateName {
  return state === "up" || state === "down" ? state : "unknown";
}

import { type DeviceRowView, DeviceTable, type DeviceTableView, type Freshness } from "@watchpost/ui";
import { type DeviceStateName, type DeviceSummary, listDevices } from "../../device/index.ts";
import { freshnessOf } from "./freshness.ts";
import { type Region, region } from "./region.tsx";
import type { Source } from "./source.ts";

const SHOWN_MAX = 500;
const STATES: readonly DeviceStateName[] = ["up", "down", "unknown"];

export interface DeviceFilter {
  state: string;
  site: string;
  search: string;
}

export function deviceFilter(query: Record<string, string>): DeviceFilter {
  return {
    state: STATES.find((known) => known === query["state"]) ?? "",
    site: /^[a-z0-9-]{1,63}$/.test(query["site"] ?? "") ? (query["site"] ?? "") : "",
    search: (query["search"] ?? "").slice(0, 100),
  };
}

export function deviceQuery(filter: DeviceFilter): string {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== "")).toString();
}

export async function loadDevices(source: Source, filter: DeviceFilter): Promise<DeviceTableView> {
  const state = STATES.find((known) => known === filter.state);
  const page = await listDevices(source.ctx, {
    limit: SHOWN_MAX,
    ...(state === undefined ? {} : { state }),
    ...(filter.site === "" ? {} : { site: filter.site }),
    ...(filter.search === "" ? {} : { search: filter.search }),
  });
  const fresh = await freshnessOf(source, page.devices);
  return {
    rows: page.devices.map((device) => rowOf(device, fresh(device))),
    hasMore: page.nextCursor !== undefined,
    filtered: deviceQuery(filter) !== "",
    nowMs: source.nowMs,
  };
}

function rowOf(device: DeviceSummary, fresh: Freshness): DeviceRowView {
  const { id, name, role, site, state } = device;
  const product = [device.vendor, device.model].filter((part) => part !== "").join(" ");
  return { id, name, address: device.ipAddress, role, product, site, state, fresh };
}

export async function deviceListRegions(source: Source, filter: DeviceFilter): Promise<Region[]> {
  const view = await loadDevices(source, filter);
  return [await region("device-table", <DeviceTable view={view} />)];
}

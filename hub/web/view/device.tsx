import {
  DeviceHead,
  type DeviceHeadView,
  type DeviceView,
  Health,
  InterfaceTable,
  type InterfaceTableView,
  type NeighbourView,
  NeighbourTable,
  type Range,
  type TrafficView,
} from "@watchpost/ui";
import { type DeviceDetails, getDevice, type InterfaceView } from "../../device/index.ts";
import { listIncidents } from "../../incident/index.ts";
import { freshnessOf } from "./freshness.ts";
import { type InterfaceRates, readRates } from "./rate.ts";
import { type Region, region } from "./region.tsx";
import type { Source } from "./source.ts";

const INTERFACES_MAX = 256;
const OPEN_MAX = 20;
const IF_TYPE_LOOPBACK = 24;

export interface DeviceChoice {
  id: string;
  /** ifIndex. */
  interface: number | undefined;
  range: Range;
}

export async function loadDevice(source: Source, choice: DeviceChoice): Promise<DeviceView> {
  const device = await getDevice(source.ctx, choice.id);
  const [rates, fresh, health, open] = await Promise.all([
    ratesOf(source, device),
    freshnessOf(source, [device]),
    source.health.of({ device: device.name, site: device.site }, choice.range),
    listIncidents(source.ctx, { status: "open", deviceId: device.id, limit: OPEN_MAX }),
  ]);
  const chosen = device.interfaces.find((one) => one.ifIndex === choice.interface) ?? busiest(device.interfaces, rates);
  return {
    head: headOf(device, {
      nowMs: source.nowMs,
      fresh: fresh(device),
      incidents: open.incidents.map(({ id, number, title, severity }) => ({ id, number, title, severity })),
    }),
    traffic: trafficOf(source, { device, chosen, range: choice.range }),
    health,
    interfaces: interfacesOf(device, { rates, chosen }),
    neighbours: device.links.map(neighbourOf),
  };
}

export function headOf(
  device: DeviceDetails,
  more: Pick<DeviceHeadView, "fresh" | "incidents" | "nowMs">,
): DeviceHeadView {
  return {
    id: device.id,
    name: device.name,
    state: device.state,
    address: device.ipAddress,
    site: device.site,
    role: device.role,
    vendor: device.vendor,
    model: device.model,
    osVersion: device.osVersion,
    serial: device.serial,
    description: device.sysDescr,
    configured: device.configured,
    ...(device.stateSince ? { stateSince: device.stateSince } : {}),
    ...more,
  };
}

/** A store that does not answer leaves the figures empty; the rest of the page is still true. */
async function ratesOf(source: Source, device: DeviceDetails): Promise<ReadonlyMap<string, InterfaceRates>> {
  const { metrics, log } = source.hub;
  if (!metrics) return new Map();
  try {
    const labels = { device: device.name, site: device.site };
    return await readRates(metrics, { ...labels, windowS: await source.spacing.windowOf(labels) });
  } catch (error) {
    log.warn({ err: error, device: device.name }, "interface rates could not be read; the table goes without");
    return new Map();
  }
}

function busiest(interfaces: readonly InterfaceView[], rates: ReadonlyMap<string, InterfaceRates>) {
  const load = ({ name }: InterfaceView) => (rates.get(name)?.inBps ?? 0) + (rates.get(name)?.outBps ?? 0);
  const candidates = interfaces.filter((one) => one.type !== IF_TYPE_LOOPBACK);
  return candidates.toSorted((a, b) => load(b) - load(a))[0] ?? interfaces[0];
}

interface Chosen {
  chosen: InterfaceView | undefined;
}

function trafficOf(
  source: Source,
  { device, chosen, range }: Chosen & { device: DeviceDetails; range: Range },
): TrafficView {
  const problem = "There is no metrics store, so there is no chart. Set VM_URL, or install victoria-metrics.";
  return {
    deviceId: device.id,
    range,
    ...(chosen ? { interface: { index: chosen.ifIndex, name: chosen.name } } : {}),
    ...(source.hub.metrics ? {} : { problem }),
  };
}

function interfacesOf(
  device: DeviceDetails,
  { rates, chosen }: Chosen & { rates: ReadonlyMap<string, InterfaceRates> },
): InterfaceTableView {
  const shown = device.interfaces.slice(0, INTERFACES_MAX);
  return {
    deviceId: device.id,
    rows: shown.map((one) => ({
      index: one.ifIndex,
      name: one.name,
      alias: one.alias,
      adminStatus: one.adminStatus,
      operStatus: one.operStatus,
      speedBps: one.speedBps,
      ...rates.get(one.name),
    })),
    more: device.interfaces.length - shown.length,
    ...(chosen ? { chosen: chosen.ifIndex } : {}),
  };
}

function neighbourOf(link: DeviceDetails["links"][number]): NeighbourView {
  const { localPort, remotePort, protocol, remoteDeviceId } = link;
  const remoteSystem = link.remoteDevice ?? link.remoteSystem;
  return { localPort, remoteSystem, remotePort, protocol, ...(remoteDeviceId ? { remoteDeviceId } : {}) };
}

export async function deviceRegions(source: Source, choice: DeviceChoice): Promise<Region[]> {
  const view = await loadDevice(source, choice);
  return Promise.all([
    region("device-head", <DeviceHead view={view.head} />),
    region("device-health", <Health view={view.health} />),
    region("interface-table", <InterfaceTable view={view.interfaces} />),
    region("neighbour-table", <NeighbourTable neighbours={view.neighbours} />),
  ]);
}

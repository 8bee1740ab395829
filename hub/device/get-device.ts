import { collectors, deviceGroups, devices, interfaces, links, sites } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { z } from "zod";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { summaryColumns, summaryOf } from "./summary.ts";
import type { DeviceDetails, InterfaceView, LinkView } from "./view.ts";

/** One device with its interfaces (by index) and neighbours (by port). */
export async function getDevice(ctx: Context, id: string): Promise<DeviceDetails> {
  requirePermission(ctx, "device:read");
  const row = z.uuid().safeParse(id).success ? await findRow(ctx, id) : undefined;
  if (!row) throw new HubError("not-found", `there is no device ${id.slice(0, 80)}.`);
  const [interfaceRows, linkRows] = await Promise.all([interfacesOf(ctx, id), linksOf(ctx, id)]);
  const { sysName, sysDescr, sysObjectId, osVersion, serial, collector, ...summary } = row;
  return {
    ...summaryOf(summary),
    sysName,
    sysDescr,
    sysObjectId,
    osVersion,
    serial,
    collector: collector ?? undefined,
    interfaces: interfaceRows,
    links: linkRows,
  };
}

async function findRow(ctx: Context, id: string) {
  const [row] = await ctx.db
    .select({
      ...summaryColumns,
      sysName: devices.sysName,
      sysDescr: devices.sysDescr,
      sysObjectId: devices.sysObjectId,
      osVersion: devices.osVersion,
      serial: devices.serial,
      collector: collectors.name,
    })
    .from(devices)
    .innerJoin(sites, eq(sites.id, devices.siteId))
    .leftJoin(deviceGroups, eq(deviceGroups.id, devices.deviceGroupId))
    .leftJoin(collectors, eq(collectors.id, devices.collectorId))
    .where(eq(devices.id, id));
  return row;
}

async function interfacesOf(ctx: Context, deviceId: string): Promise<InterfaceView[]> {
  return ctx.db
    .select({
      ifIndex: interfaces.ifIndex,
      name: interfaces.name,
      alias: interfaces.alias,
      type: interfaces.type,
      mac: interfaces.mac,
      speedBps: interfaces.speedBps,
      adminStatus: interfaces.adminStatus,
      operStatus: interfaces.operStatus,
    })
    .from(interfaces)
    .where(eq(interfaces.deviceId, deviceId))
    .orderBy(interfaces.ifIndex);
}

async function linksOf(ctx: Context, deviceId: string): Promise<LinkView[]> {
  const remote = alias(devices, "remote");
  const rows = await ctx.db
    .select({ link: links, remoteDevice: remote.name })
    .from(links)
    .leftJoin(remote, eq(remote.id, links.remoteDeviceId))
    .where(eq(links.deviceId, deviceId))
    .orderBy(links.localPort);
  return rows.map(({ link, remoteDevice }) => ({
    localPort: link.localPort,
    remoteSystem: link.remoteSystem,
    remotePort: link.remotePort,
    protocol: link.protocol,
    remoteDeviceId: link.remoteDeviceId ?? undefined,
    remoteDevice: remoteDevice ?? undefined,
  }));
}

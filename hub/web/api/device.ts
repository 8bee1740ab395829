import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { getDevice, listDeviceGroups, listDevices, setDeviceGroup } from "../../device/index.ts";
import type { WebDependencies } from "../dependencies.ts";
import { contextOf, type WebApp, type WebEnv } from "../request.ts";
import { apiRoute, body, idParam, nextCursor, ok, pageQuery, time } from "./route.ts";

const summary = z
  .object({
    id: z.uuid(),
    name: z.string(),
    site: z.string(),
    siteId: z.uuid(),
    ipAddress: z.string(),
    role: z.string(),
    vendor: z.string(),
    model: z.string(),
    state: z.enum(["up", "down", "unknown"]),
    stateSince: time.optional(),
    lastPolledAt: time
      .optional()
      .describe("As the collector last told; the newest sample of device_up in the metrics store may be newer."),
    collectorId: z.uuid().optional(),
    groupId: z.uuid().optional(),
    group: z.string().optional(),
    configured: z.boolean().describe("False once the collector's listing no longer names it."),
  })
  .openapi("Device");

const details = summary
  .extend({
    sysName: z.string(),
    sysDescr: z.string(),
    sysObjectId: z.string(),
    osVersion: z.string(),
    serial: z.string(),
    collector: z.string().optional(),
    interfaces: z.array(
      z.object({
        ifIndex: z.int(),
        name: z.string(),
        alias: z.string(),
        type: z.int(),
        mac: z.string(),
        speedBps: z.number(),
        adminStatus: z.int(),
        operStatus: z.int(),
      }),
    ),
    links: z.array(
      z.object({
        localPort: z.string(),
        remoteSystem: z.string(),
        remotePort: z.string(),
        protocol: z.string(),
        remoteDeviceId: z.uuid().optional(),
        remoteDevice: z.string().optional(),
      }),
    ),
  })
  .openapi("DeviceDetails");

const list = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/devices",
  tags: ["Devices"],
  summary: "Devices, by site and name",
  request: {
    query: pageQuery.extend({
      site: z.string().max(63).optional(),
      state: z.enum(["up", "down", "unknown"]).optional(),
      group: z.string().max(100).optional(),
      search: z.string().max(100).optional().describe("Part of the name, address, model or description."),
    }),
  },
  responses: ok(z.object({ devices: z.array(summary), nextCursor }), "One page of devices."),
});

const get = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/devices/{id}",
  tags: ["Devices"],
  summary: "One device with its interfaces and neighbours",
  request: { params: idParam },
  responses: ok(details, "The device."),
});

const listGroups = apiRoute("viewer", {
  method: "get",
  path: "/api/v1/device-groups",
  tags: ["Devices"],
  summary: "Device groups, by name; at most 2,000",
  responses: ok(
    z.object({
      deviceGroups: z.array(
        z.object({ id: z.uuid(), name: z.string(), description: z.string(), devices: z.int() }).openapi("DeviceGroup"),
      ),
    }),
    "The groups.",
  ),
});

const setGroup = apiRoute("operator", {
  method: "patch",
  path: "/api/devices/groups",
  tags: ["Devices"],
  summary: "Put devices into a group, or take them out of theirs",
  request: {
    body: body(
      z.strictObject({
        device_ids: z.array(z.uuid()).min(1).max(1_000),
        group: z.string().min(1).max(100).nullable().describe("Made when it is new; null for none."),
      }),
    ),
  },
  responses: ok(z.object({ changed: z.int() }), "All of them were changed."),
});

export function deviceRoutes({ hub }: WebDependencies): WebApp {
  const app = new OpenAPIHono<WebEnv>();
  app.openapi(list, async (c) => {
    const page = await listDevices(contextOf(hub, c), defined(c.req.valid("query")));
    return c.json({ devices: page.devices, nextCursor: page.nextCursor ?? null }, 200);
  });
  app.openapi(get, async (c) => c.json(await getDevice(contextOf(hub, c), c.req.valid("param").id), 200));
  app.openapi(listGroups, async (c) => c.json({ deviceGroups: await listDeviceGroups(contextOf(hub, c)) }, 200));
  app.openapi(setGroup, async (c) => {
    const { device_ids, group } = c.req.valid("json");
    return c.json(await setDeviceGroup(contextOf(hub, c), { deviceIds: device_ids, group }), 200);
  });
  return app;
}

/** Leaves out what was not given, for verbs whose inputs may be absent but not undefined. */
function defined<T extends object>(value: T) {
  const given = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}

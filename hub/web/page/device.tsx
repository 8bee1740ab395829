import { OpenAPIHono } from "@hono/zod-openapi";
import { DevicePage, DevicesPage, RANGES, TopologyPage } from "@watchpost/ui";
import { getDevice, listSites } from "../../device/index.ts";
import { HubError } from "../../error.ts";
import { requirePermission } from "../../identity/index.ts";
import { listIncidents } from "../../incident/index.ts";
import type { WebApp, WebEnv, WebRequest } from "../request.ts";
import {
  type DeviceChoice,
  deviceFilter,
  deviceQuery,
  loadDevice,
  loadDevices,
  loadTopology,
  readTraffic,
  topologySite,
  type Views,
} from "../view/index.ts";
import { requireId } from "./answer.tsx";
import { readerOf, shellFor } from "./shell.ts";

/** Incidents drawn into a traffic chart, the newest first. */
const MARKED_MAX = 50;

export function deviceRoutes(views: Views): WebApp {
  const app = new OpenAPIHono<WebEnv>();

  app.get("/devices", async (c) => {
    const source = readerOf(views, c);
    const filter = deviceFilter(c.req.query());
    const live = `devices?${deviceQuery(filter)}`;
    const shell = await shellFor(c, source, {
      section: "devices",
      title: "Devices",
      where: [{ label: "Devices" }],
      live,
    });
    const [view, sites] = await Promise.all([loadDevices(source, filter), listSites(source.ctx)]);
    return c.html(<DevicesPage shell={shell} view={view} filter={{ ...filter, sites }} />);
  });

  app.get("/topology", async (c) => {
    const source = readerOf(views, c);
    const site = topologySite(c.req.query());
    const where = [{ label: "Topology" }];
    const live = `topology?site=${site}`;
    const shell = await shellFor(c, source, { section: "topology", title: "Topology", where, live });
    return c.html(<TopologyPage shell={shell} view={await loadTopology(source, site)} />);
  });

  app.get("/devices/:id", async (c) => {
    const source = readerOf(views, c);
    const choice = choiceOf(c);
    const shell = await shellFor(c, source, {
      section: "devices",
      title: "Device",
      where: [{ label: "Devices", href: "/devices" }],
      live: `device/${choice.id}?range=${choice.range}${choice.interface === undefined ? "" : `&interface=${choice.interface}`}`,
      charts: true,
    });
    const view = await loadDevice(source, choice);
    const { name } = view.head;
    return c.html(
      <DevicePage shell={{ ...shell, title: name, where: [...shell.where, { label: name }] }} view={view} />,
    );
  });

  app.get("/devices/:id/traffic", async (c) => {
    const { ctx, hub, nowMs, spacing } = readerOf(views, c);
    requirePermission(ctx, "metrics:read");
    const { id, interface: index, range } = choiceOf(c);
    const device = await getDevice(ctx, id);
    const port = device.interfaces.find(({ ifIndex }) => ifIndex === index);
    if (!port)
      throw new HubError("not-found", `${device.name} has no interface with index ${index ?? "(none given)"}.`);
    if (!hub.metrics) throw new HubError("not-available", "There is no metrics store. Set VM_URL.");
    const { name, site } = device;
    const labels = { device: name, site };
    const [windowS, page] = await Promise.all([
      spacing.windowOf(labels),
      listIncidents(ctx, { deviceId: device.id, limit: MARKED_MAX }),
    ]);
    const traffic = await readTraffic(hub.metrics, { ...labels, interface: port.name, range, nowMs, windowS });
    const incidents = page.incidents.map(({ number, createdAt }) => ({ number, at: createdAt.getTime() / 1000 }));
    return c.json({ ...traffic, incidents });
  });
  return app;
}

function choiceOf(c: WebRequest): DeviceChoice {
  const index = Number(c.req.query("interface"));
  return {
    id: requireId("device", c.req.param("id")),
    interface: Number.isSafeInteger(index) && index > 0 ? index : undefined,
    range: RANGES.find((range) => range === c.req.query("range")) ?? "1h",
  };
}

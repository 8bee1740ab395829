import type { Database } from "@watchpost/db";
import { devices, interfaces } from "@watchpost/db/schema";
import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { cutOff, edgeAt, edgesOf, farEnd, loadSite, type Site, upstreamOf } from "../../incident/index.ts";
import { LIST_MAX, listed, lookupText, type Signal, type Tool } from "./tool.ts";

const PATH_MAX = 16;

const parameters = z.object({
  device: z.string().min(1).max(253),
  interface: z.string().max(253).optional(),
});

/** Where a device or a cable stands: the way up, both ends, and what hangs behind. */
export const topologyTool: Tool<typeof parameters> = {
  name: "topology",
  description:
    "Where a device or one of its interfaces stands in the network: neighbours, both ends of the cable, the way up, which devices are reached through it and how many of those answer.",
  parameters,
  async run(env, scope, { device, interface: port }) {
    const input = { device, ...(port === undefined || port === "" ? {} : { interface: port }) };
    const site = scope.siteId === null ? undefined : (env.site ?? (await loadSite(env.db, scope.siteId)));
    const known = site && (site.devices.has(device) || edgesOf(site, device).length > 0);
    const base = {
      title: `${device}${port ? ` ${port}` : ""} in the topology`,
      query: lookupText("topology", input),
      queryArguments: input,
    };
    if (!site || !known) {
      const finding = `no device ${device} is known at ${scope.site === "" ? "any site" : scope.site}`;
      return { ...base, finding, severity: "info", result: {}, signals: [] };
    }
    const edge = input.interface === undefined ? undefined : edgeAt(site, device, input.interface);
    const far = edge && farEnd(edge, device);
    const behind = behindOf(site, device, edge);
    const down = behind.filter((name) => site.devices.get(name)?.state === "down");
    const ports =
      far && input.interface !== undefined && scope.siteId !== null
        ? await portRows(env.db, scope.siteId, [{ device, port: input.interface }, far])
        : [];
    const result = {
      neighbours: edgesOf(site, device)
        .slice(0, LIST_MAX)
        .map((e) => ({
          port: nearPort(e, device),
          device: farEnd(e, device).device,
          remotePort: farEnd(e, device).port,
        })),
      wayUp: wayUp(site, device),
      ...(far ? { farEnd: far } : {}),
      ports,
      behind: {
        count: behind.length,
        devices: behind.slice(0, LIST_MAX),
        down: { count: down.length, devices: down.slice(0, LIST_MAX) },
      },
      states: Object.fromEntries(
        [device, ...(far ? [far.device] : [])].map((name) => [name, site.devices.get(name)?.state ?? "not polled"]),
      ),
    };
    const signals = signalsOf(site, { device, port: input.interface, behind, down });
    return {
      ...base,
      finding: findingOf(device, input.interface, result),
      severity: down.length > 0 ? "warning" : "info",
      result,
      signals,
    };
  },
};

type Edge = NonNullable<ReturnType<typeof edgeAt>>;

/** Behind a cable: what is lost without it. Behind a device: what is lost to the network above it. */
function behindOf(site: Site, device: string, edge: Edge | undefined): string[] {
  if (edge) return [...cutOff(site, { from: device, edge })];
  const above = upstreamOf(site, device)[0];
  return above === undefined ? [] : [...cutOff(site, { from: above, device })];
}

function nearPort(edge: Edge, device: string): string {
  return farEnd(edge, farEnd(edge, device).device).port;
}

function wayUp(site: Site, device: string): string[] {
  const path = [device];
  for (let at = upstreamOf(site, device)[0]; at !== undefined && path.length < PATH_MAX; at = upstreamOf(site, at)[0]) {
    path.push(at);
  }
  return path;
}

async function portRows(db: Database, siteId: string, ends: { device: string; port: string }[]) {
  const rows = await db
    .select({
      device: devices.name,
      port: interfaces.name,
      admin: interfaces.adminStatus,
      oper: interfaces.operStatus,
      speedBps: interfaces.speedBps,
      asOf: interfaces.updatedAt,
    })
    .from(interfaces)
    .innerJoin(devices, eq(interfaces.deviceId, devices.id))
    .where(
      and(
        eq(devices.siteId, siteId),
        inArray(
          devices.name,
          ends.map((e) => e.device),
        ),
        inArray(
          interfaces.name,
          ends.map((e) => e.port),
        ),
      ),
    );
  return rows.filter((row) => ends.some((end) => end.device === row.device && end.port === row.port));
}

function signalsOf(
  site: Site,
  at: { device: string; port: string | undefined; behind: string[]; down: string[] },
): Signal[] {
  const where = { device: at.device, ...(at.port === undefined ? {} : { interface: at.port }) };
  const signals: Signal[] = at.down.map((device) => ({ kind: "not-answering", device, strength: 0.8 }));
  if (site.devices.get(at.device)?.state === "down")
    signals.push({ kind: "not-answering", device: at.device, strength: 0.8 });
  if (at.down.length > 0) {
    signals.push({ kind: "behind-not-answering", ...where, strength: at.down.length / at.behind.length });
  }
  return signals;
}

interface Found {
  farEnd?: { device: string; port: string };
  wayUp: string[];
  behind: { count: number; devices: string[]; down: { count: number } };
}

function findingOf(device: string, port: string | undefined, { farEnd, wayUp, behind }: Found): string {
  const cable = farEnd ? `${device} ${port} leads to ${farEnd.device} ${farEnd.port}; ` : "";
  const up = wayUp.length > 1 ? `way up: ${wayUp.join(" > ")}; ` : "";
  const reached =
    behind.count === 0
      ? "no polled device is reached through it alone"
      : `${behind.count} devices are reached through it alone (${listed(behind.devices)}), ${behind.down.count} of them are recorded as down`;
  return `${cable}${up}${reached}`;
}

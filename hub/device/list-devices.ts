import { deviceGroups, devices, sites } from "@watchpost/db/schema";
import { and, eq, gt, ilike, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import { summaryColumns, summaryOf } from "./summary.ts";
import type { DevicePage, DeviceStateName } from "./view.ts";

const PAGE_SIZE_MAX = 500;
const SEARCH_LENGTH_MAX = 100;

export interface ListDevices {
  /** Name of a site. */
  site?: string;
  state?: DeviceStateName;
  /** Part of the name, address, model or description. */
  search?: string;
  /** Name of a device group. */
  group?: string;
  limit?: number;
  cursor?: string;
}

/** Devices by site and name, a page at a time. */
export async function listDevices(ctx: Context, input: ListDevices): Promise<DevicePage> {
  requirePermission(ctx, "device:read");
  const limit = Math.min(Math.max(1, input.limit ?? 100), PAGE_SIZE_MAX);
  const rows = await ctx.db
    .select(summaryColumns)
    .from(devices)
    .innerJoin(sites, eq(sites.id, devices.siteId))
    .leftJoin(deviceGroups, eq(deviceGroups.id, devices.deviceGroupId))
    .where(and(...filters(input)))
    .orderBy(sites.name, devices.name)
    .limit(limit + 1);
  const page = rows.slice(0, limit).map(summaryOf);
  const last = page.at(-1);
  return { devices: page, nextCursor: rows.length > limit && last ? formatCursor([last.site, last.name]) : undefined };
}

function filters(input: ListDevices): (SQL | undefined)[] {
  const after = input.cursor === undefined ? undefined : parseCursor(input.cursor);
  return [
    input.site === undefined ? undefined : eq(sites.name, input.site),
    input.state === undefined ? undefined : eq(devices.state, input.state),
    input.group === undefined ? undefined : eq(deviceGroups.name, input.group),
    input.search === undefined || input.search.trim() === "" ? undefined : matches(input.search.trim()),
    after && or(gt(sites.name, after[0]), and(eq(sites.name, after[0]), gt(devices.name, after[1]))),
  ];
}

function matches(search: string): SQL | undefined {
  const literal = search.slice(0, SEARCH_LENGTH_MAX).replaceAll(/[\\%_]/g, (c) => `\\${c}`);
  const pattern = `%${literal}%`;
  return or(
    ilike(devices.name, pattern),
    sql`host(${devices.ipAddress}) like ${pattern}`,
    ilike(devices.model, pattern),
    ilike(devices.sysDescr, pattern),
  );
}

const cursorContent = z.tuple([z.string(), z.string()]);

function formatCursor(after: z.output<typeof cursorContent>): string {
  return Buffer.from(JSON.stringify(after)).toString("base64url");
}

function parseCursor(text: string): z.output<typeof cursorContent> {
  try {
    return cursorContent.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch {
    throw new HubError(
      "bad-request",
      `the cursor "${text.slice(0, 80)}" is not one a device list returned. Leave it out.`,
    );
  }
}

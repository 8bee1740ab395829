import { deviceGroups, devices } from "@watchpost/db/schema";
import { inArray, sql } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/index.ts";
import type { DeviceGroup } from "./view.ts";

const GROUPS_MAX = 2_000;
const DEVICES_MAX = 1_000;
const NAME = /^[^\p{Cc}]{1,100}$/u;

export async function listDeviceGroups(ctx: Context): Promise<DeviceGroup[]> {
  requirePermission(ctx, "device:read");
  return ctx.db
    .select({
      id: deviceGroups.id,
      name: deviceGroups.name,
      description: deviceGroups.description,
      devices: sql<number>`(select count(*)::int from control_plane.devices d where d.device_group_id = device_groups.id)`,
    })
    .from(deviceGroups)
    .orderBy(deviceGroups.name)
    .limit(GROUPS_MAX);
}

export interface SetDeviceGroup {
  deviceIds: string[];
  /** Name of the group, made when it is new; null takes the devices out of theirs. */
  group: string | null;
}

/** Puts devices into a group. All of them or, when one does not exist, none. */
export async function setDeviceGroup(ctx: Context, input: SetDeviceGroup): Promise<{ changed: number }> {
  requirePermission(ctx, "device:change");
  const ids = [...new Set(input.deviceIds)];
  if (ids.length === 0 || ids.length > DEVICES_MAX) {
    throw new HubError("bad-request", `give 1 to ${DEVICES_MAX} devices, not ${ids.length}.`);
  }
  const group = input.group?.trim() ?? null;
  if (group !== null && !NAME.test(group)) {
    throw new HubError("bad-request", "a group's name has 1 to 100 printable characters.");
  }
  return ctx.db.transaction(async (tx) => {
    let groupId: string | null = null;
    if (group !== null) {
      const [row] = await tx
        .insert(deviceGroups)
        .values({ name: group })
        .onConflictDoUpdate({ target: deviceGroups.name, set: { name: group } })
        .returning({ id: deviceGroups.id });
      groupId = row?.id ?? null;
    }
    const changed = await tx
      .update(devices)
      .set({ deviceGroupId: groupId, updatedAt: new Date(ctx.clock.nowMs()) })
      .where(inArray(devices.id, ids))
      .returning({ id: devices.id });
    if (changed.length !== ids.length) {
      const missing = ids.find((id) => !changed.some((c) => c.id === id));
      throw new HubError("not-found", `there is no device ${missing}; nothing was changed.`);
    }
    for (const { id } of changed) {
      await recordAudit(tx, ctx, { action: "device.grouped", entity: "device", entityId: id, details: { group } });
    }
    return { changed: changed.length };
  });
}

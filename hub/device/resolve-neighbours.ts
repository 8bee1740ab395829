import { isIP } from "node:net";
import type { Transaction } from "@watchpost/db";
import { devices, links } from "@watchpost/db/schema";
import { and, eq, inArray, isNull } from "drizzle-orm";

interface NamedDevice {
  id: string;
  name: string;
  sysName: string;
}

/** Ties neighbour rows that name no device yet to the device of the same site that answers to that name. */
export async function resolveNeighbours(tx: Transaction, siteId: string): Promise<void> {
  const unresolved = await tx
    .selectDistinct({ remoteSystem: links.remoteSystem })
    .from(links)
    .where(and(eq(links.siteId, siteId), isNull(links.remoteDeviceId)));
  if (unresolved.length === 0) return;
  const named = await tx
    .select({ id: devices.id, name: devices.name, sysName: devices.sysName })
    .from(devices)
    .where(eq(devices.siteId, siteId));
  const find = deviceFinder(named);
  const found = Map.groupBy(unresolved, ({ remoteSystem }) => find(remoteSystem));
  for (const [deviceId, systems] of found) {
    if (deviceId === undefined) continue;
    const remoteSystems = systems.map((s) => s.remoteSystem);
    await tx
      .update(links)
      .set({ remoteDeviceId: deviceId })
      .where(and(eq(links.siteId, siteId), isNull(links.remoteDeviceId), inArray(links.remoteSystem, remoteSystems)));
  }
}

/** Looks a reported system name up: as it stands first, then without its domain; a name two devices share is nobody's. */
export function deviceFinder(named: NamedDevice[]): (remoteSystem: string) => string | undefined {
  const whole = new Map<string, string | undefined>();
  const short = new Map<string, string | undefined>();
  for (const device of named) {
    for (const name of new Set([device.name.toLowerCase(), device.sysName.toLowerCase()])) {
      if (name === "") continue;
      claim(whole, name, device.id);
      claim(short, withoutDomain(name), device.id);
    }
  }
  return (remoteSystem) => {
    const name = remoteSystem.toLowerCase();
    return whole.has(name) ? whole.get(name) : short.get(withoutDomain(name));
  };
}

function claim(names: Map<string, string | undefined>, name: string, deviceId: string): void {
  names.set(name, !names.has(name) || names.get(name) === deviceId ? deviceId : undefined);
}

function withoutDomain(name: string): string {
  return isIP(name) > 0 ? name : (name.split(".")[0] ?? name);
}

import { create, equals } from "@bufbuild/protobuf";
import { type Device, DeviceSchema, DeviceState } from "@watchpost/proto";
import type { DeviceConfig } from "../config/index.ts";
import type { Reading } from "../poll/reading.ts";
import { type DeviceFields, describeDevice } from "./describe.ts";
import { isSame, type Source, sourceOf } from "./source.ts";
import type { DeviceStore } from "./store.ts";

/**
 * What did not change is told again this often: the hub's "last polled" is at most this old where there is no metrics store
 * to ask. Once a minute was 6 % of the CPU of 3,000 devices that are polled each minute.
 */
const REPEAT_MS = 300_000;

/** What the collector knows of its devices now, and what of it the hub has not heard yet. */
export interface Inventory {
  /** Takes over the configured devices. Gives what is known of each, and the names of those that left. */
  configure(devices: readonly DeviceConfig[]): { known: Device[]; left: string[] };
  /** Gives a message when there is something to tell. */
  take(config: DeviceConfig, reading: Reading, isUnreadable: boolean): Device | undefined;
}

export function createInventory(store: DeviceStore): Inventory {
  const told = store.all();
  const sources = new Map<string, Source>();
  function again(before: Device, polledAtMs: bigint): Device {
    const next = { ...before, polledAtMs };
    told.set(next.name, next);
    return { ...next };
  }

  return {
    configure(devices) {
      const names = new Set(devices.map((device) => device.name));
      const left = [...told.keys()].filter((name) => !names.has(name));
      for (const name of left) {
        told.delete(name);
        sources.delete(name);
        store.remove(name);
      }
      const known = devices.map((config) => {
        const before = told.get(config.name);
        const { name, address, role } = config;
        return before ? { ...before, address, role } : create(DeviceSchema, { name, address, role });
      });
      return { known, left };
    },
    take(config, reading, isUnreadable) {
      const before = told.get(config.name);
      const polledAtMs = BigInt(Math.round(reading.takenAtMs));
      if (before?.state === DeviceState.UP && isSame(sources.get(config.name), config, reading))
        return polledAtMs - before.polledAtMs < REPEAT_MS ? undefined : again(before, polledAtMs);
      sources.set(config.name, sourceOf(config, reading));
      const next = after(before, { config, reading, isUnreadable });
      const changed = !before || !equals(DeviceSchema, next, before);
      if (!changed && polledAtMs - before.polledAtMs < REPEAT_MS) return undefined;
      next.polledAtMs = polledAtMs;
      told.set(config.name, next);
      if (changed) store.put(next.name, next);
      return { ...next };
    },
  };
}

/** The device as it is now, with the time it was last told of. */
function after(
  before: Device | undefined,
  now: { config: DeviceConfig; reading: Reading; isUnreadable: boolean },
): Device {
  const { config, reading } = now;
  const state = stateAfter(before?.state, now);
  const since = before?.state === state ? before.stateSinceMs : BigInt(Math.round(reading.takenAtMs));
  return create(DeviceSchema, {
    ...describedAfter(before, config, reading),
    name: config.name,
    address: config.address,
    role: config.role,
    state,
    stateSinceMs: since,
    polledAtMs: before?.polledAtMs ?? 0n,
  });
}

function describedAfter(before: Device | undefined, config: DeviceConfig, reading: Reading) {
  if (reading.kind === "unanswered") return before ?? {};
  const now = describeDevice(config, reading);
  return before && reading.incomplete !== undefined ? completed(now, before) : now;
}

/** What a reading that is not the whole lacks is not gone: it stays as it was. */
function completed(now: DeviceFields, before: Device): DeviceFields {
  const { interfaces = [], neighbours = [] } = now;
  const ports = new Set(interfaces.map(({ name }) => name));
  const ends = new Set(neighbours.map(({ localPort }) => localPort));
  return {
    ...now,
    sysName: now.sysName || before.sysName,
    sysDescr: now.sysDescr || before.sysDescr,
    sysObjectId: now.sysObjectId || before.sysObjectId,
    vendor: now.vendor || before.vendor,
    model: now.model || before.model,
    osVersion: now.osVersion || before.osVersion,
    serial: now.serial || before.serial,
    interfaces: [...interfaces, ...before.interfaces.filter(({ name }) => !ports.has(name))],
    neighbours: [...neighbours, ...before.neighbours.filter(({ localPort }) => !ends.has(localPort))],
  };
}

/** One lost poll is no state of its own: the device stays what it was until an event says otherwise. */
function stateAfter(
  before: DeviceState | undefined,
  { reading, isUnreadable }: { reading: Reading; isUnreadable: boolean },
): DeviceState {
  if (reading.kind === "answered") return DeviceState.UP;
  return isUnreadable ? DeviceState.DOWN : (before ?? DeviceState.UNSPECIFIED);
}

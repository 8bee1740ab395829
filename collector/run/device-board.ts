import type { Device } from "@watchpost/proto";
import type { DeviceConfig } from "../config/index.ts";
import type { Inventory } from "../inventory/index.ts";
import type { Reading } from "../poll/index.ts";
import type { DeviceView } from "../status/index.ts";

/** The latest reading of each device, for the status page and for what the hub hears of devices. */
export interface DeviceBoard {
  configure(devices: readonly DeviceConfig[]): { known: Device[]; left: string[] };
  /** What the hub has to hear, if anything. */
  take(reading: Reading): Device | undefined;
  /** Judged anew without a new reading. */
  review(device: string): Device | undefined;
  addressOf(device: string): string | undefined;
  view(): DeviceView[];
}

interface Row {
  config: DeviceConfig;
  /** Without an answer: its message. With one: what it cost. The answer itself is not kept. */
  last: Pick<DeviceView, "durationMs" | "requests" | "error"> & { polledAtMs: number };
  silent: Reading | undefined;
}

export function createDeviceBoard(inventory: Inventory, isUnreadable: (device: string) => boolean): DeviceBoard {
  let configs = new Map<string, DeviceConfig>();
  const rows = new Map<string, Row>();
  return {
    configure(devices) {
      configs = new Map(devices.map((device) => [device.name, device]));
      for (const name of [...rows.keys()].filter((known) => !configs.has(known))) rows.delete(name);
      return inventory.configure(devices);
    },
    take(reading) {
      const config = configs.get(reading.device);
      if (!config) return undefined;
      const silent = reading.kind === "unanswered" ? reading : undefined;
      rows.set(config.name, {
        config,
        silent,
        last: {
          polledAtMs: reading.takenAtMs,
          durationMs: reading.durationMs,
          requests: reading.kind === "answered" ? reading.requests : 0,
          error: reading.kind === "answered" ? "" : reading.message,
        },
      });
      return inventory.take(config, reading, silent !== undefined && isUnreadable(config.name));
    },
    review(device) {
      const row = rows.get(device);
      return row?.silent && inventory.take(row.config, row.silent, isUnreadable(device));
    },
    addressOf: (device) => configs.get(device)?.address,
    view: () => [...configs.values()].map((config) => viewOf(config, rows.get(config.name), isUnreadable(config.name))),
  };
}

function viewOf(config: DeviceConfig, row: Row | undefined, isDown: boolean): DeviceView {
  const { name, address, role } = config;
  const last = row?.last ?? { polledAtMs: null, durationMs: 0, requests: 0, error: "" };
  const answered = row !== undefined && row.silent === undefined;
  return { name, address, role, state: isDown ? "down" : answered ? "up" : "unknown", ...last };
}

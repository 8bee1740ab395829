import type { DeviceConfig } from "../config/index.ts";

/** Whose address a message came from. */
export interface Sources {
  configure(devices: readonly DeviceConfig[]): void;
  /** Undefined for a stranger, and for an address that several devices share: then nobody knows which one spoke. */
  deviceAt(address: string): string | undefined;
  isDevice(name: string): boolean;
  /** Counts a message of a stranger. True when it is time to tell of this one: at first, and then once an hour. */
  noteUnknown(address: string, nowMs: number): boolean;
  /** Messages of strangers, the loudest first. */
  unknown(): { address: string; messages: number }[];
}

const TOLD_AGAIN_MS = 3_600_000;
const STRANGERS_MAX = 1_000;
const TOLD_PER_HOUR_MAX = 100;
const LISTED_MAX = 20;

interface Stranger {
  messages: number;
  toldMs: number;
}

export function createSources(): Sources {
  let byAddress = new Map<string, string | null>();
  let names = new Set<string>();
  const strangers = new Map<string, Stranger>();
  let hour = { startedMs: 0, told: 0 };

  function mayTell(nowMs: number): boolean {
    if (nowMs - hour.startedMs >= TOLD_AGAIN_MS) hour = { startedMs: nowMs, told: 0 };
    hour.told += 1;
    return hour.told <= TOLD_PER_HOUR_MAX;
  }

  return {
    configure(devices) {
      byAddress = new Map();
      for (const { address, name } of devices) {
        const key = plainAddress(address);
        byAddress.set(key, byAddress.has(key) ? null : name);
      }
      names = new Set(devices.map((device) => device.name));
    },
    deviceAt: (address) => byAddress.get(plainAddress(address)) ?? undefined,
    isDevice: (name) => names.has(name),
    noteUnknown(address, nowMs) {
      const key = plainAddress(address);
      const known = strangers.get(key);
      if (known) {
        known.messages += 1;
        if (nowMs - known.toldMs < TOLD_AGAIN_MS || !mayTell(nowMs)) return false;
        known.toldMs = nowMs;
        return true;
      }
      if (strangers.size >= STRANGERS_MAX) for (const oldest of strangers.keys()) if (strangers.delete(oldest)) break;
      const tells = mayTell(nowMs);
      strangers.set(key, { messages: 1, toldMs: tells ? nowMs : Number.NEGATIVE_INFINITY });
      return tells;
    },
    unknown: () =>
      [...strangers]
        .map(([address, { messages }]) => ({ address, messages }))
        .toSorted((a, b) => b.messages - a.messages)
        .slice(0, LISTED_MAX),
  };
}

/** ::ffff:192.0.2.1 is 192.0.2.1, as a socket for both families writes it. */
function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}

import type { Profile } from "../profile/index.ts";
import type { Layout } from "./layout.ts";
import type { Column } from "./polled.ts";

/** What is remembered of one device between polls; lives in memory only, a restart begins anew. */
export interface DeviceState {
  profile: Profile | undefined;
  objectId: string;
  /** Polls since the last one that read everything. */
  pollsSinceFull: number;
  fast: Layout | undefined;
  slow: Map<string, Column>;
  /** ifIndex by interface name. */
  interfaces: ReadonlyMap<string, number>;
  uptime: { ticks: number | undefined; engineBoots: number; readAtMs: number } | undefined;
  valuesExpected: number;
}

export function newDeviceState(): DeviceState {
  return {
    profile: undefined,
    objectId: "",
    pollsSinceFull: 0,
    fast: undefined,
    slow: new Map(),
    interfaces: new Map(),
    uptime: undefined,
    valuesExpected: 256,
  };
}

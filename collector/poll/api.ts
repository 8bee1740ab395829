import type { DeviceConfig, SitePart } from "../config/schema.ts";
import type { TimerClock } from "../device/clock.ts";
import type { SnmpCounters, SnmpCredential, SnmpEngine } from "../device/snmp/index.ts";
import type { ProfileLibrary } from "../profile/index.ts";
import type { Reading } from "./reading.ts";

export interface PollerOptions {
  engine: SnmpEngine;
  library: ProfileLibrary;
  devices: readonly DeviceConfig[];
  credentials: readonly SnmpCredential[];
  poll: SitePart["poll"];
  clock: TimerClock;
  /** The next poll of that device waits for it. */
  onReading: (reading: Reading) => Promise<void>;
  /** A bug or a full disk, never a device: what `onReading` rejected with, or what a poll threw. */
  onError: (device: string, error: unknown) => void;
}

export interface PollerStats {
  polls: number;
  /** Devices that are being asked; a reading that waits until it is durable is none of them. */
  inFlight: number;
  /** Due, but `inFlightMax` polls are under way. */
  waiting: number;
  /** Turns missed because a poll took longer than its interval. */
  overruns: number;
  /** Turns missed because the device had to wait for room. */
  crowded: number;
  /** How late the latest turn of the last minute began, or the first in line is by now. */
  latestMs: number;
  /** What the engine sent and heard: bad replies are counted apart. */
  snmp: Readonly<SnmpCounters>;
  /** Devices whose last poll did so. */
  overrunning: ReadonlySet<string>;
}

export interface Poller {
  start(): void;
  /** No poll starts any more; resolves when those under way have ended. Close the engine first to end them at once. */
  stop(): Promise<void>;
  /** Takes over the devices and settings of a new configuration; what is unchanged keeps its schedule. */
  update(part: Pick<SitePart, "devices" | "poll">): void;
  /** Polls at once, or joins the poll under way; undefined when no device has that name or the engine is closed. */
  pollNow(device: string): Promise<Reading | undefined>;
  readonly stats: PollerStats;
}

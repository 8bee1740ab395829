import type { CollectorConfig } from "../config/index.ts";
import type { SnmpCredential } from "../device/snmp/index.ts";
import type { TimerClock } from "../device/clock.ts";
import type { Pinger } from "../device/icmp/index.ts";
import type { ProfileLibrary } from "../profile/index.ts";

/** How a site is scanned: its own file's words, never the hub's. */
export type ScanSettings = CollectorConfig["discover"];

/** What every scan needs, whoever asked for it. */
export interface Scanning {
  credentials: readonly SnmpCredential[];
  settings: ScanSettings;
  library: ProfileLibrary;
  clock: TimerClock;
  /** What asks for echoes; one of the scan's own when not given. */
  pinger?: Pinger;
}

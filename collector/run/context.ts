import type { Logger } from "pino";
import type { CollectorConfig, Environment } from "../config/index.ts";
import type { TimerClock } from "../device/clock.ts";
import type { ProfileLibrary } from "../profile/index.ts";

/** What every part of a collector is given. */
export interface Context {
  config: CollectorConfig;
  /** Kinds of device: the built-in ones and the site's own. */
  library: ProfileLibrary;
  dataDir: string;
  env: Environment;
  log: Logger;
  clock: TimerClock;
  /** From 0 up to 1, as Math.random. */
  random: () => number;
}

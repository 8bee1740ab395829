import type { Logger } from "pino";
import type { CollectorConfig, Environment } from "../config/index.ts";
import type { TimerClock } from "../device/clock.ts";

/** What every part of a collector is given. */
export interface Context {
  config: CollectorConfig;
  dataDir: string;
  env: Environment;
  log: Logger;
  clock: TimerClock;
  /** From 0 up to 1, as Math.random. */
  random: () => number;
}

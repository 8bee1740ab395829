import { type Logger, pino } from "pino";
import type { HubConfig } from "../config/index.ts";

/** Logs go to stderr, so that stdout carries answers alone. */
export function openLog(level: HubConfig["logLevel"]): Logger {
  return pino({ level, base: { part: "hub" } }, pino.destination({ dest: 2, sync: true }));
}

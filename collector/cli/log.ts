import { destination, type Logger, pino } from "pino";

/** Logs are for stderr; stdout belongs to what a program may read. */
export function openLog(): Logger {
  return pino(
    { level: process.env["WATCHPOST_LOG_LEVEL"] ?? "info", base: null },
    destination({ dest: 2, sync: true }),
  );
}

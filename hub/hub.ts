import type { Database, DatabaseConnection } from "@watchpost/db";
import type { Logger } from "pino";
import type { Bus } from "./bus/index.ts";
import type { Actor, Clock, Context } from "./context.ts";
import type { MetricsStore } from "./metrics/store.ts";

/** What lives as long as the hub and is handed down from main. */
export interface Hub {
  db: Database;
  sql: DatabaseConnection["sql"];
  bus: Bus;
  clock: Clock;
  log: Logger;
  /** Undefined when there is no metrics store; pages and analyses then say so. */
  metrics: MetricsStore | undefined;
}

export function contextFor(hub: Hub, actor: Actor): Context {
  return { db: hub.db, clock: hub.clock, actor };
}

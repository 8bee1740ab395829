import type { Logger } from "pino";
import type { Transaction } from "@watchpost/db";
import { sql } from "drizzle-orm";
import { fromDrizzle, PgBoss } from "pg-boss";
import { z } from "zod";
import type { Hub } from "../hub.ts";
import { queueDatabase } from "./queue-database.ts";

const QUEUE = "incident-analysis";
const JOBS_AT_ONCE = 4;
const POLL_INTERVAL_S = 2;
/** Longer than any analysis. */
const EXPIRE_S = 120;
/** A job whose hub gives no sign for this long is free again: a hub that was killed delays an analysis by seconds. */
const HEARTBEAT_S = 10;
const SUPERVISE_S = 5;
const RETRIES_MAX = 2;
const WAKE_UPS_MAX = 1_000;
/** The database's clock decides when a job is due. */
const DUE_MARGIN_MS = 100;

export const jobSchema = z.object({
  /** Made before the job when somebody waits for it; else when the job begins. */
  sessionId: z.string().optional(),
  incidentId: z.string().optional(),
  question: z.string().default(""),
  site: z.string().default(""),
  device: z.string().default(""),
  interface: z.string().default(""),
  aboutMs: z.number().default(0),
});
export type Job = z.output<typeof jobSchema>;

export interface Queue {
  /** At most one job waits for each key; another one for the same key is not needed and not made. */
  add(key: string, job: z.input<typeof jobSchema>, delayS?: number): Promise<void>;
  /** Adds a job that exists if, and only if, the caller's transaction commits. Call wake() then. */
  addIn(tx: Transaction, key: string, job: z.input<typeof jobSchema>): Promise<void>;
  wake(): void;
  work(handler: (job: Job) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Jobs on the hub's own Postgres: they outlive a crash, and any hub may take them. */
export async function openQueue(hub: Hub): Promise<Queue> {
  const boss = new PgBoss({
    db: queueDatabase(hub.sql),
    schema: "watchpost_jobs",
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_S,
    monitorIntervalSeconds: SUPERVISE_S,
    maintenanceIntervalSeconds: 3_600,
  });
  boss.on("error", (error) => hub.log.error({ err: error }, "the job queue reported an error"));
  await boss.start();
  const options = {
    retryLimit: RETRIES_MAX,
    retryDelay: 2,
    expireInSeconds: EXPIRE_S,
    heartbeatSeconds: HEARTBEAT_S,
    deleteAfterSeconds: 86_400,
  };
  await boss.createQueue(QUEUE, { policy: "stately", ...options });
  // A queue that an earlier version made keeps its options otherwise.
  await boss.updateQueue(QUEUE, options);
  const workers: string[] = [];
  const wakeUps = new Set<ReturnType<typeof setTimeout>>();
  /** Workers look every two seconds by themselves; whoever adds a job spares it the wait. */
  const wake = () => {
    for (const worker of workers) boss.notifyWorker(worker);
  };
  function wakeIn(ms: number): void {
    // The workers' own look finds what is left out here.
    if (wakeUps.size >= WAKE_UPS_MAX) return;
    const timer = setTimeout(() => {
      wakeUps.delete(timer);
      wake();
    }, ms);
    timer.unref();
    wakeUps.add(timer);
  }
  return {
    async add(key, job, delayS = 0) {
      await boss.send(QUEUE, job, { singletonKey: key, ...(delayS > 0 ? { startAfter: delayS } : {}) });
      if (delayS === 0) wake();
      else wakeIn(delayS * 1_000 + DUE_MARGIN_MS);
    },
    async addIn(tx, key, job) {
      await boss.send(QUEUE, job, { singletonKey: key, db: fromDrizzle(tx, sql) });
    },
    wake,
    async work(handler) {
      for (let i = 0; i < JOBS_AT_ONCE; i += 1) {
        const worker = await boss.work<unknown>(QUEUE, { pollingIntervalSeconds: POLL_INTERVAL_S }, async ([job]) => {
          if (job) await handled(hub.log, jobSchema.parse(job.data), handler);
        });
        workers.push(worker);
      }
    },
    async stop() {
      for (const timer of wakeUps) clearTimeout(timer);
      await boss.stop({ graceful: true, timeout: 5_000 });
    },
  };
}

/** The queue retries what throws; the reason is logged here, at the boundary. */
async function handled(log: Logger, job: Job, handler: (job: Job) => Promise<void>): Promise<void> {
  try {
    await handler(job);
  } catch (error) {
    log.error({ err: error, job }, "an analysis failed; it is tried again twice");
    throw error;
  }
}

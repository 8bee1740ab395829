import type { Logger } from "pino";
import type { Transaction } from "@watchpost/db";
import { sql } from "drizzle-orm";
import { fromDrizzle, type Job as PgJob, type JobResult, PgBoss } from "pg-boss";
import { z } from "zod";
import type { Hub } from "../hub.ts";
import { queueDatabase } from "./queue-database.ts";

const QUEUE = "incident-analysis";
const WORKERS = 4;
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

export interface Waiting {
  key: string;
  job: z.input<typeof jobSchema>;
  /** The highest goes first, then the oldest; 0 when not given. */
  priority?: number;
  delayS?: number;
}

export interface Queue {
  /** At most one job waits for each key; another one for the same key is not needed and not made. */
  add(jobs: readonly Waiting[]): Promise<void>;
  /** Adds a job that exists if, and only if, the caller's transaction commits. Call wake() then. */
  addIn(tx: Transaction, key: string, job: z.input<typeof jobSchema>): Promise<void>;
  wake(): void;
  /** Each worker takes so many jobs at a time and runs them together. */
  work(jobsAWorker: number, handler: (job: Job) => Promise<void>): Promise<void>;
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
    async add(jobs) {
      const rows = jobs.map(({ key, job, priority = 0, delayS = 0 }) => ({
        data: job,
        singletonKey: key,
        priority,
        startAfter: delayS,
      }));
      await boss.insert(QUEUE, rows);
      if (rows.some((row) => row.startAfter === 0)) wake();
      for (const delayS of new Set(rows.map((row) => row.startAfter).filter((s) => s > 0)))
        wakeIn(delayS * 1_000 + DUE_MARGIN_MS);
    },
    async addIn(tx, key, job) {
      await boss.send(QUEUE, job, { singletonKey: key, db: fromDrizzle(tx, sql) });
    },
    wake,
    async work(jobsAWorker, handler) {
      const options = { pollingIntervalSeconds: POLL_INTERVAL_S, batchSize: jobsAWorker, perJobResults: true } as const;
      for (let i = 0; i < WORKERS; i += 1) {
        const worker: string = await boss.work<unknown>(QUEUE, options, async (jobs) => {
          const results = await Promise.all(jobs.map((job) => handled(hub.log, job, handler)));
          // Where there were as many as it may take there may be more: it looks again at once.
          if (jobs.length === jobsAWorker) boss.notifyWorker(worker);
          return results;
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

/** The queue retries what failed; the reason is logged here, at the boundary. */
async function handled(
  log: Logger,
  { id, data }: PgJob<unknown>,
  handler: (job: Job) => Promise<void>,
): Promise<JobResult> {
  const job = jobSchema.parse(data);
  try {
    await handler(job);
    return { id, status: "completed" };
  } catch (error) {
    log.error({ err: error, job }, "an analysis failed; it is tried again twice");
    const message = error instanceof Error ? error.message : String(error);
    return { id, status: "failed", output: { message } };
  }
}

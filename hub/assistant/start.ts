import { sessions } from "@watchpost/db/schema";
import { and, eq, lt } from "drizzle-orm";
import { boundedText } from "../bounded-text.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import type { Hub } from "../hub.ts";
import { type Assistant, analyse } from "./analyse.ts";
import { catchUp, queueIncidents } from "./arrivals.ts";
import { configuredModel, type ModelOptions } from "./configured-model.ts";
import { openLedger } from "./ledger.ts";
import type { NarrationLimits } from "./model/index.ts";
import { type Job, openQueue, type Queue } from "./queue.ts";
import { type AnalysisRequest, queueAnalysis } from "./session.ts";
import { incidentSubject, placeSubject } from "./subject.ts";

export interface AssistantOptions extends ModelOptions {
  publicUrl: string;
  narrationLimits?: NarrationLimits | undefined;
  /** Resolves when more urgent work than an analysis is done, or has had its time. */
  standBack?: (() => Promise<void>) | undefined;
}

export interface RunningAssistant {
  stop(): Promise<void>;
}

/** The queue of each hub whose assistant runs; without one, analyses cannot be asked for. */
const queues = new WeakMap<Hub, Queue>();

/** For POST /analyze: queues an analysis and says by which id to follow it (getSession). */
export async function requestAnalysis(ctx: Context, hub: Hub, input: AnalysisRequest): Promise<{ sessionId: string }> {
  const queue = queues.get(hub);
  if (!queue) throw new HubError("not-available", "the assistant does not run on this hub, so nothing can be analysed");
  return queueAnalysis(ctx, queue, input);
}

/** Half of an analysis by the rules is waiting for the newest numbers; one with a model is bound by the model. */
const TOGETHER = 8;
const REASON_CHARACTERS_MAX = 500;
/** Analyses that no hub finished in this time are told as failed: the queue has given them up. */
const UNFINISHED_MS = 600_000;
const TIDY_INTERVAL_MS = 60_000;

/** Analyses every new incident, and again when it has grown. Nothing else needs it to run. */
export async function startAssistant(hub: Hub, options: AssistantOptions): Promise<RunningAssistant> {
  const model = configuredModel(hub.log, options);
  const { publicUrl, narrationLimits } = options;
  const assistant: Assistant = { hub, ledger: openLedger(hub), publicUrl, model, narrationLimits };
  const queue = await openQueue(hub);
  await queue.work(model ? 1 : TOGETHER, async (job) => {
    await options.standBack?.();
    await runJob(assistant, job);
  });
  const unsubscribe = queueIncidents(hub, queue);
  await catchUp(hub, queue);
  queues.set(hub, queue);
  const tidy = setInterval(() => {
    failUnfinished(hub).catch((error: unknown) => hub.log.error({ err: error }, "unfinished analyses were not closed"));
  }, TIDY_INTERVAL_MS);
  tidy.unref();
  return {
    async stop() {
      clearInterval(tidy);
      queues.delete(hub);
      unsubscribe();
      await queue.stop();
    },
  };
}

async function runJob(assistant: Assistant, job: Job): Promise<void> {
  const { hub } = assistant;
  const sessionId = job.sessionId ?? (await beginSession(hub, job));
  try {
    const { question, device } = job;
    const subject =
      job.incidentId === undefined
        ? await placeSubject(hub.db, {
            sessionId,
            siteName: job.site,
            device,
            interface: job.interface,
            aboutMs: job.aboutMs,
            question,
          })
        : await incidentSubject(hub.db, job.incidentId, question);
    if (subject) await analyse(assistant, sessionId, subject);
    else await failSession(hub, sessionId, "what it was about is gone, or belongs to another incident now");
  } catch (error) {
    await failSession(hub, sessionId, reasonFor(error, sessionId));
    throw new Error(`analysis ${sessionId} failed`, { cause: error });
  }
}

/** One job an incident runs at a time: a session of it that still runs belongs to a hub that ended. */
async function beginSession(hub: Hub, job: Pick<Job, "incidentId">): Promise<string> {
  const id = Bun.randomUUIDv7();
  const incidentId = job.incidentId ?? null;
  const at = new Date(hub.clock.nowMs());
  await hub.sql`
    with closed as (
      update sre_assistant.sessions set status = 'failed', finished_at = ${at},
        error = 'the hub that ran it ended; another analysis began'
      where incident_id = ${incidentId} and origin = 'incident' and status = 'running'
    )
    insert into sre_assistant.sessions (id, incident_id, origin, started_at)
    values (${id}, ${incidentId}, 'incident', ${at})`;
  return id;
}

/** Ours was written to be shown; a driver's may hold a query, an address or a password: that stays in the log. */
function reasonFor(error: unknown, sessionId: string): string {
  if (error instanceof HubError) return boundedText(error.message, REASON_CHARACTERS_MAX);
  return `the hub could not finish it; its log says why under analysis ${sessionId}`;
}

async function failSession(hub: Hub, sessionId: string, error: string): Promise<void> {
  const finishedAt = new Date(hub.clock.nowMs());
  await hub.db.update(sessions).set({ status: "failed", error, finishedAt }).where(eq(sessions.id, sessionId));
}

async function failUnfinished(hub: Hub): Promise<void> {
  const nowMs = hub.clock.nowMs();
  const error = `no hub finished it within ${UNFINISHED_MS / 60_000} minutes; ask for it again`;
  await hub.db
    .update(sessions)
    .set({ status: "failed", error, finishedAt: new Date(nowMs) })
    .where(and(eq(sessions.status, "running"), lt(sessions.startedAt, new Date(nowMs - UNFINISHED_MS))));
}

import { incidents, sessions } from "@watchpost/db/schema";
import { and, eq, gt, isNull, lt, ne, notExists, type SQL, sql } from "drizzle-orm";
import { boundedText } from "../bounded-text.ts";
import type { Published } from "../bus/index.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import type { Hub } from "../hub.ts";
import { type Assistant, analyse } from "./analyse.ts";
import { configuredModel, type ModelOptions } from "./configured-model.ts";
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

/** Incidents of the last day that no analysis ever began for are caught up when the assistant starts. */
const CATCH_UP_MS = 86_400_000;
const CATCH_UP_MAX = 200;
/** A growing incident is looked at again soon; one that goes on growing, ever more seldom, so that a storm stays cheap. */
const GROWN_DELAY_S = 2;
const GROWN_DELAY_MAX_S = 60;
const SOON_MAX = 4;
const COUNTED_MS = 600_000;
const REASON_CHARACTERS_MAX = 500;
/** Analyses that no hub finished in this time are told as failed: the queue has given them up. */
const UNFINISHED_MS = 600_000;
const TIDY_INTERVAL_MS = 60_000;

/** Analyses every new incident, and again when it has grown. Nothing else needs it to run. */
export async function startAssistant(hub: Hub, options: AssistantOptions): Promise<RunningAssistant> {
  const model = configuredModel(hub.log, options);
  const assistant: Assistant = { hub, publicUrl: options.publicUrl, model, narrationLimits: options.narrationLimits };
  const queue = await openQueue(hub);
  await queue.work(async (job) => {
    await options.standBack?.();
    await runJob(assistant, job);
  });
  const unsubscribe = hub.bus.subscribe((message) => {
    onIncident(hub, queue, message).catch((error: unknown) =>
      hub.log.error(
        { err: error, incident: message.key },
        "an analysis could not be queued; the next start catches it up",
      ),
    );
  });
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

async function onIncident(hub: Hub, queue: Queue, { topic, key, payload }: Published): Promise<void> {
  if (topic !== "incident") return;
  const change = payload["change"];
  if (change === "opened" || change === "reopened") await queue.add(`incident/${key}`, { incidentId: key });
  if (change === "grown") await queue.add(`incident/${key}`, { incidentId: key }, await grownDelayS(hub, key));
}

async function grownDelayS(hub: Hub, incidentId: string): Promise<number> {
  const since = new Date(hub.clock.nowMs() - COUNTED_MS);
  const done = await hub.db.$count(sessions, and(eq(sessions.incidentId, incidentId), gt(sessions.startedAt, since)));
  return Math.min(GROWN_DELAY_S * 2 ** Math.max(0, done - SOON_MAX), GROWN_DELAY_MAX_S);
}

/** An incident committed while no assistant ran, or just before one died, has no session yet. */
async function catchUp(hub: Hub, queue: Queue): Promise<void> {
  const missed = await hub.db
    .select({ id: incidents.id })
    .from(incidents)
    .where(
      and(
        ne(incidents.status, "resolved"),
        isNull(incidents.aiAnalysis),
        gt(incidents.createdAt, new Date(hub.clock.nowMs() - CATCH_UP_MS)),
        notExists(hub.db.select({ one: sql`1` }).from(sessions).where(eq(sessions.incidentId, incidents.id))),
      ),
    )
    .limit(CATCH_UP_MAX);
  for (const { id } of missed) await queue.add(`incident/${id}`, { incidentId: id });
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
async function beginSession(hub: Hub, job: Job): Promise<string> {
  const id = Bun.randomUUIDv7();
  const startedAt = new Date(hub.clock.nowMs());
  const { incidentId } = job;
  await hub.db.transaction(async (tx) => {
    if (incidentId !== undefined) {
      const before = and(eq(sessions.incidentId, incidentId), eq(sessions.origin, "incident"));
      await closeRunning(tx, {
        which: before,
        error: "the hub that ran it ended; another analysis began",
        at: startedAt,
      });
    }
    await tx.insert(sessions).values({ id, incidentId: incidentId ?? null, origin: "incident", startedAt });
  });
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
  const which = lt(sessions.startedAt, new Date(nowMs - UNFINISHED_MS));
  const error = `no hub finished it within ${UNFINISHED_MS / 60_000} minutes; ask for it again`;
  await closeRunning(hub.db, { which, error, at: new Date(nowMs) });
}

interface Closing {
  which: SQL | undefined;
  error: string;
  at: Date;
}

async function closeRunning(db: Pick<Hub["db"], "update">, { which, error, at }: Closing): Promise<void> {
  await db
    .update(sessions)
    .set({ status: "failed", error, finishedAt: at })
    .where(and(eq(sessions.status, "running"), which));
}

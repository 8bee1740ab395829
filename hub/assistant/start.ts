import { incidents, sessions } from "@watchpost/db/schema";
import { and, eq, gt, isNull, ne, notExists, sql } from "drizzle-orm";
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
/** A growing incident is looked at again when it has had time to grow. */
const GROWN_DELAY_S = 3;

/** Analyses every new incident, and again when it has grown. Nothing else needs it to run. */
export async function startAssistant(hub: Hub, options: AssistantOptions): Promise<RunningAssistant> {
  const model = configuredModel(hub.log, options);
  const assistant: Assistant = { hub, publicUrl: options.publicUrl, model, narrationLimits: options.narrationLimits };
  const queue = await openQueue(hub);
  await queue.work((job) => runJob(assistant, job));
  const unsubscribe = hub.bus.subscribe((message) => {
    onIncident(queue, message).catch((error: unknown) =>
      hub.log.error(
        { err: error, incident: message.key },
        "an analysis could not be queued; the next start catches it up",
      ),
    );
  });
  await catchUp(hub, queue);
  queues.set(hub, queue);
  return {
    async stop() {
      queues.delete(hub);
      unsubscribe();
      await queue.stop();
    },
  };
}

async function onIncident(queue: Queue, { topic, key, payload }: Published): Promise<void> {
  if (topic !== "incident") return;
  const change = payload["change"];
  if (change === "opened" || change === "reopened") await queue.add(`incident/${key}`, { incidentId: key });
  if (change === "grown") await queue.add(`incident/${key}`, { incidentId: key }, GROWN_DELAY_S);
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
    await failSession(hub, sessionId, error instanceof Error ? error.message.slice(0, 500) : "it failed");
    throw error;
  }
}

async function beginSession(hub: Hub, job: Job): Promise<string> {
  const id = Bun.randomUUIDv7();
  const startedAt = new Date(hub.clock.nowMs());
  await hub.db.insert(sessions).values({ id, incidentId: job.incidentId ?? null, origin: "incident", startedAt });
  return id;
}

async function failSession(hub: Hub, sessionId: string, error: string): Promise<void> {
  const finishedAt = new Date(hub.clock.nowMs());
  await hub.db.update(sessions).set({ status: "failed", error, finishedAt }).where(eq(sessions.id, sessionId));
}

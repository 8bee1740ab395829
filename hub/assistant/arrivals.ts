import { incidents, sessions } from "@watchpost/db/schema";
import { and, eq, gt, isNull, ne, notExists, sql } from "drizzle-orm";
import { Gather } from "../gather.ts";
import type { Hub } from "../hub.ts";
import { SEVERITIES } from "../incident/index.ts";
import type { Queue, Waiting } from "./queue.ts";

/** Incidents of the last day that no analysis ever began for are caught up when the assistant starts. */
const CATCH_UP_MS = 86_400_000;
const CATCH_UP_MAX = 200;
/** A growing incident is looked at again soon; one that goes on growing, ever more seldom, so that a storm stays cheap. */
const GROWN_DELAY_S = 2;
const GROWN_DELAY_MAX_S = 60;
const SOON_MAX = 4;
const COUNTED_MS = 600_000;
const QUEUED_A_ROUND_MAX = 500;
/** Nobody notices it, and what hundreds of sites open in the same moment is queued in a few statements. */
const GATHERED_MS = 50;

/** Queues an analysis of each incident that opens, comes back or grows. Returns the way out. */
export function queueIncidents(hub: Hub, queue: Queue): () => void {
  const rounds = new Gather<Waiting, void>(QUEUED_A_ROUND_MAX, async (jobs) => {
    await Bun.sleep(GATHERED_MS);
    await queue.add([...jobs.values()]);
    return new Map<string, void>();
  });
  // What grew must not put off what opened in the same round: each is an item of its own, and the queue takes the first.
  const add = async (id: string, severity: unknown, delayS = 0) => {
    const waiting = { key: `incident/${id}`, job: { incidentId: id }, priority: priorityOf(severity), delayS };
    await rounds.add(`${delayS}/${id}`, waiting);
  };
  return hub.bus.subscribe(({ topic, key, payload }) => {
    if (topic !== "incident") return;
    const { change, severity } = payload;
    const added =
      change === "opened" || change === "reopened"
        ? add(key, severity)
        : change === "grown" && grownDelayS(hub, key).then((delayS) => add(key, severity, delayS));
    if (!added) return;
    added.catch((error: unknown) =>
      hub.log.error({ err: error, incident: key }, "an analysis could not be queued; the next start catches it up"),
    );
  });
}

/** Incidents go before what people ask for, the worst of them first. */
function priorityOf(severity: unknown): number {
  return 1 + SEVERITIES.findIndex((known) => known === severity);
}

async function grownDelayS(hub: Hub, incidentId: string): Promise<number> {
  const since = new Date(hub.clock.nowMs() - COUNTED_MS);
  const done = await hub.db.$count(sessions, and(eq(sessions.incidentId, incidentId), gt(sessions.startedAt, since)));
  return Math.min(GROWN_DELAY_S * 2 ** Math.max(0, done - SOON_MAX), GROWN_DELAY_MAX_S);
}

/** An incident committed while no assistant ran, or just before one died, has no session yet. */
export async function catchUp(hub: Hub, queue: Queue): Promise<void> {
  const missed = await hub.db
    .select({ id: incidents.id, severity: incidents.severity })
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
  if (missed.length === 0) return;
  await queue.add(
    missed.map(({ id, severity }) => ({
      key: `incident/${id}`,
      job: { incidentId: id },
      priority: priorityOf(severity),
    })),
  );
}

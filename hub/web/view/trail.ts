import type { Published } from "../../bus/index.ts";
import type { Hub } from "../../hub.ts";
import { insightOf, STEPS, type Step } from "../../insight/index.ts";

const INCIDENTS_MAX = 500;
const STEPS_MAX = 60;

export interface TrailStep {
  step: Step;
  text: string;
  atMs: number;
}

/** The steps of recent analyses, as the bus told them: what a panel shows while one is running. */
export interface InsightTrail {
  /** Oldest first, of the newest analysis of the incident. */
  stepsOf(incidentId: string): readonly TrailStep[];
  /** Newest conclusion or cause of each incident, newest first. */
  newest(limit: number): { incidentId: string; step: TrailStep }[];
}

/** Follows the bus from now on and reads once what it still holds. Bounded: the incidents not touched longest go. */
export function openTrail(hub: Hub): InsightTrail {
  const trails = new Map<string, TrailStep[]>();

  function take(message: Published): void {
    if (message.topic !== "insight") return;
    const insight = insightOf(message);
    const step = STEPS.find((known) => known === insight.step);
    if (!step) return;
    const before = step === "started" ? [] : (trails.get(message.key) ?? []);
    const entry = { step, text: insight.text, atMs: message.createdAt.getTime() };
    trails.delete(message.key);
    trails.set(message.key, [...before, entry].slice(-STEPS_MAX));
    const oldest = trails.size > INCIDENTS_MAX ? trails.keys().next() : undefined;
    if (oldest && !oldest.done) trails.delete(oldest.value);
  }

  const early: Published[] = [];
  let replayed = false;
  hub.bus.subscribe((message) => (replayed ? take(message) : early.push(message)));

  async function replay(): Promise<void> {
    const messages = await hub.bus.replay("insight", 0);
    const lastId = messages.at(-1)?.id ?? 0;
    for (const message of [...messages, ...early.filter(({ id }) => id > lastId)]) take(message);
  }

  replay()
    .catch((error: unknown) =>
      hub.log.error({ err: error }, "past insights could not be read; panels begin with new ones"),
    )
    .finally(() => {
      replayed = true;
      early.length = 0;
    });

  return {
    stepsOf: (incidentId) => trails.get(incidentId) ?? [],
    newest: (limit) =>
      [...trails]
        .toReversed()
        .flatMap(([incidentId, steps]) => {
          const step = steps.findLast(({ step }) => step === "finished" || step === "cause");
          return step ? [{ incidentId, step }] : [];
        })
        .slice(0, limit),
  };
}

import type { Clock } from "../clock.ts";
import { EventState } from "@watchpost/proto";
import type { EventDraft } from "../outbox/event-draft.ts";
import { Breaker } from "./breaker.ts";
import type { LocalModel } from "./local-model.ts";
import { OpinionCache } from "./opinion-cache.ts";
import { type Told, verdictEvent } from "./second-opinion.ts";

export interface EnrichmentStats {
  waiting: number;
  answered: number;
  fromCache: number;
  failed: number;
  /** Oldest questions given up because the queue was full. */
  dropped: number;
  /** Not asked while the breaker was open. */
  skipped: number;
  lastFailure: string;
}

export interface Enrichment {
  /** Takes an event that was told; never waits and never fails. */
  offer(told: Told): void;
  stats(): EnrichmentStats;
  /** Resolves when nothing waits and nothing is asked. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface EnrichmentOptions {
  model: LocalModel;
  queueMax: number;
  clock: Clock;
  append(event: EventDraft): Promise<unknown>;
  /** Says at the boundary why an opinion is missing. */
  onFailure(message: string): void;
}

/** Asks the local model about one event after the other, behind the events themselves and without holding any up. */
export function startEnrichment(options: EnrichmentOptions): Enrichment {
  const { model, queueMax, clock } = options;
  const queue: Told[] = [];
  const cache = new OpinionCache();
  const breaker = new Breaker(clock);
  const stats = { answered: 0, fromCache: 0, failed: 0, dropped: 0, skipped: 0, lastFailure: "" };
  let working: Promise<void> | undefined;
  const stopping = new AbortController();

  function failed(message: string): void {
    stats.failed += 1;
    stats.lastFailure = message;
    options.onFailure(message);
  }

  async function consider(told: Told): Promise<void> {
    const startedMs = clock.monotonicMs();
    const known = cache.get(told.event, clock.nowMs());
    if (!known && breaker.isOpen()) {
      stats.skipped += 1;
      return;
    }
    const asked = known ? { kind: "answered" as const, opinion: known } : await model.ask(told.event, stopping.signal);
    if (asked.kind !== "answered") {
      breaker.failed();
      failed(asked.message);
      return;
    }
    if (known) stats.fromCache += 1;
    else {
      stats.answered += 1;
      breaker.succeeded();
      cache.put(told.event, asked.opinion, clock.nowMs());
    }
    const durationMs = clock.monotonicMs() - startedMs;
    await options.append(verdictEvent(told, asked.opinion, { model: model.name, durationMs, nowMs: clock.nowMs() }));
  }

  async function work(): Promise<void> {
    for (let told = queue.shift(); told; told = queue.shift()) {
      try {
        await consider(told);
      } catch (error) {
        failed(`verdict on event ${told.seq}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    working = undefined;
  }

  return {
    offer(told) {
      if (stopping.signal.aborted || told.event.state === EventState.CLEARED) return;
      if (queue.length >= queueMax) {
        queue.shift();
        stats.dropped += 1;
      }
      queue.push(told);
      working ??= work();
    },
    stats: () => ({ ...stats, waiting: queue.length }),
    idle: async () => working,
    async stop() {
      stopping.abort();
      queue.length = 0;
      await working;
    },
  };
}

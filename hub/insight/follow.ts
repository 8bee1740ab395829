import type { Insight } from "@watchpost/proto";
import type { Bus, Published } from "../bus/index.ts";
import { type InsightFilter, matches } from "./filter.ts";
import { insightOf } from "./insight.ts";

export const QUEUE_MAX = 1_000;

export interface Reader {
  /** False when the reader takes no more until `follow` is told by resume(). */
  write(insight: Insight): boolean;
  /** The queue is full: the reader is too slow, and this is the last it hears. */
  tooSlow(queued: number): void;
  failed(error: unknown): void;
}

export interface Following {
  resume(): void;
  stop(): void;
}

export interface FollowOptions {
  bus: Bus;
  filter: InsightFilter;
  /** Id of the last insight the reader has; 0 for new ones only. */
  after: number;
  reader: Reader;
}

/** Replays what came after an id, then follows live: nothing twice, nothing left out, in the order of ids. */
export function follow({ bus, filter, after, reader }: FollowOptions): Following {
  const queue: Insight[] = [];
  let lastId = after;
  let replaying = after > 0;
  let early: Published[] = [];
  let writable = true;
  let stopped = false;
  const unsubscribe = bus.subscribe((message) => {
    if (message.topic !== "insight" || stopped) return;
    if (replaying) early.push(message);
    else take(message);
    if (early.length > QUEUE_MAX) giveUp();
  });

  function take(message: Published): void {
    if (message.id <= lastId) return;
    lastId = message.id;
    const insight = insightOf(message);
    if (!matches(filter, insight)) return;
    queue.push(insight);
    drain();
    if (queue.length > QUEUE_MAX) giveUp();
  }

  function drain(): void {
    for (let insight = writable ? queue.shift() : undefined; insight; insight = writable ? queue.shift() : undefined) {
      writable = reader.write(insight);
    }
  }

  function giveUp(): void {
    if (stopped) return;
    const waiting = queue.length + early.length;
    stop();
    reader.tooSlow(waiting);
  }

  function stop(): void {
    stopped = true;
    queue.length = 0;
    unsubscribe();
  }

  async function replay(): Promise<void> {
    for (const message of await bus.replay("insight", after)) replayed(message);
    replaying = false;
    for (const message of early) take(message);
    early = [];
  }

  /** A replay is bounded by the bus itself; it may be longer than the queue. */
  function replayed(message: Published): void {
    if (stopped) return;
    lastId = message.id;
    const insight = insightOf(message);
    if (!matches(filter, insight)) return;
    queue.push(insight);
    drain();
  }

  if (replaying) {
    replay().catch((error: unknown) => {
      stop();
      reader.failed(error);
    });
  }
  return {
    resume() {
      writable = true;
      drain();
    },
    stop,
  };
}

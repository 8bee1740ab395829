import type { Event } from "@watchpost/proto";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Disk } from "../journal/index.ts";
import type { EventDraft, EventSink } from "./event-draft.ts";

export interface OutboxOptions {
  dir: string;
  bytesMax: number;
  clock: Clock;
  log: Logger;
  bucketMs?: number;
  disk?: Disk;
}

export interface Outbox extends EventSink {
  /** Names this numbering. A new folder, and only that, has a new one. */
  epoch(): string;
  /** Resolves with the event's number once it is on disk. Rejects, stored nothing, when not even stand-ins fit. */
  append(draft: EventDraft): Promise<bigint>;
  /** Events after a number, ascending, without holes; at least one if there is one, else within both limits. */
  read(after: { seq: bigint; eventsMax?: number; bytesMax?: number }): Event[];
  /** The hub has committed everything up to seq. Forgets it. */
  ack(seq: bigint): Promise<void>;
  /** Highest number given so far; 0 before the first. */
  lastSeq(): bigint;
  /**
   * Begins a new epoch and numbers what is pending from 1. For a folder that was put back from a copy: the hub has
   * already seen higher numbers of the old epoch and would take new events for old ones.
   */
  beginEpoch(): Promise<void>;
  pending(): { events: number; bytes: number };
  /** Called after each commit that brought events. Returns the way out. */
  subscribe(listener: () => void): () => void;
  close(): void;
}

import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { SampleBatch, SampleSink } from "../sample/sample.ts";
import type { SeriesList } from "../sample/series-list.ts";
import type { Disk } from "../journal/index.ts";
import type { Gap } from "./gap.ts";

export interface SpoolOptions {
  dir: string;
  bytesMax: number;
  /** Space that others on this disk keep, whatever the budget says; at most a tenth of the disk. */
  freeBytesMin?: number;
  clock: Clock;
  log: Logger;
  /** Told of every loss, again until it resolves. The room for it is the events outbox. */
  onGap: (gap: Gap) => Promise<void>;
  bucketMs?: number;
  seriesMax?: number;
  /** How long what was sent can be sent again: a store that crashes loses its last seconds. */
  resendWindowMs?: number;
  disk?: Disk;
}

/** One poll as it was appended. Batches of one layout share one list of series. */
export interface StoredBatch {
  takenAtMs: number;
  series: SeriesList;
  values: Float64Array;
}

export interface TakenBlock {
  id: number;
  samples: number;
  batches: StoredBatch[];
}

/** What the store rejected for good. */
export interface QuarantinedBlock {
  id: number;
  samples: number;
  fromMs: number;
  toMs: number;
  bytes: number;
  reason: string;
}

export interface SpoolPending {
  blocks: number;
  samples: number;
  /** On disk, whatever the state. */
  bytes: number;
  quarantinedBlocks: number;
}

export interface Spool extends SampleSink {
  append(batch: SampleBatch): Promise<void>;
  /** Newest blocks first, at most about `samplesMax` samples. They are the caller's until ack, release or quarantine. */
  take(samplesMax: number): TakenBlock[];
  /** The store has them. */
  ack(ids: number[]): Promise<void>;
  /** Not delivered: back in line. */
  release(ids: number[]): void;
  /** The store will never take it. It is kept while there is room, out of the others' way, and told as a gap. */
  quarantine(id: number, reason: string): Promise<void>;
  quarantined(): QuarantinedBlock[];
  /** Puts quarantined blocks back in line; gives how many. They were told as a gap, and are not told again when they go. */
  replay(ids: readonly number[]): Promise<number>;
  /**
   * The store answered, and said when its process began (its clock, seconds). When that is later than it said before,
   * it was started anew: what was sent shortly before is put back in line.
   */
  meetStore(startS: number): Promise<void>;
  /** Puts blocks sent within the span (site clock) back in line; for a store that crashed. */
  requeueSent(span: { fromMs: number; toMs: number }): Promise<void>;
  pending(): SpoolPending;
  /** Called after each commit that brought samples. Returns the way out. */
  subscribe(listener: () => void): () => void;
  close(): void;
}

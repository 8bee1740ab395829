import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Event, EventSchema } from "@watchpost/proto";
import { GroupCommit, type Staged, systemDisk } from "../journal/index.ts";
import type { Outbox, OutboxOptions } from "./api.ts";
import { rankOf, toEvent } from "./draft.ts";
import type { EventDraft } from "./event-draft.ts";
import { EventLog, type Written } from "./event-log.ts";
import { DAMAGED, giveUp, standIn, standInAt } from "./give-up.ts";

const BUCKET_MS = 20;
const BUCKET_EVENTS_MAX = 1_000;
const READ_EVENTS_MAX = 1_000;
const READ_BYTES_MAX = 1_048_576;
const EPOCH_BYTES = 16;
/** When full, room is made down to this share of the budget, so that not every commit has to. */
const ROOM_SHARE = 0.95;

interface Append {
  kind: "append";
  data: Uint8Array;
  rank: number;
  /** Set when its bucket is written. */
  seq: bigint;
}
type Change = Append | { kind: "ack"; seq: bigint } | { kind: "epoch" };

/** Opens or makes the folder. Throws when it cannot be written or another process holds it; damage never stops it. */
export function openOutbox(options: OutboxOptions): Outbox {
  const disk = options.disk ?? systemDisk;
  disk.makeFolder(options.dir);
  const unlock = disk.lock(options.dir);
  try {
    return new FileOutbox(options, unlock);
  } catch (error) {
    unlock();
    throw new Error(`cannot open ${options.dir}: ${String(error)}. Is the folder writable by this user?`, {
      cause: error,
    });
  }
}

class FileOutbox implements Outbox {
  private readonly options: OutboxOptions;
  private readonly log: EventLog;
  private readonly commit: GroupCommit<Change>;
  private readonly listeners = new Set<() => void>();
  private readonly unlock: () => void;
  /** What is below it is on disk and may be read. */
  private visible: number;
  private isClosed = false;

  constructor(options: OutboxOptions, unlock: () => void) {
    this.options = options;
    this.unlock = unlock;
    this.log = new EventLog({
      disk: options.disk ?? systemDisk,
      dir: options.dir,
      log: options.log,
      newEpoch: randomEpoch,
    });
    this.visible = this.log.next;
    this.commit = new GroupCommit<Change>({
      bucketMs: options.bucketMs ?? BUCKET_MS,
      weightMax: BUCKET_EVENTS_MAX,
      stage: (changes) => this.stage(changes),
    });
    const { lost, damagedMarks } = this.log;
    if (lost > 0)
      options.log.error(`${options.dir}: ${lost} events are damaged on disk; a gap is sent in the place of each`);
    if (damagedMarks > 0)
      options.log.warn(`${options.dir}: ${damagedMarks} of its 2 marks were damaged or not finished`);
  }

  epoch(): string {
    return this.log.epoch;
  }

  lastSeq(): bigint {
    return BigInt(this.visible - 1);
  }

  pending(): { events: number; bytes: number } {
    return { events: this.visible - 1 - this.log.acked, bytes: this.log.bytes };
  }

  async append(draft: EventDraft): Promise<bigint> {
    const event = toEvent(draft);
    const change: Append = { kind: "append", data: toBinary(EventSchema, event), rank: rankOf(event), seq: 0n };
    await this.commit.add(change, 1);
    return change.seq;
  }

  read(after: { seq: bigint; eventsMax?: number; bytesMax?: number }): Event[] {
    const from = Math.max(Number(after.seq), this.log.acked) + 1;
    const to = Math.min(this.visible, from + Math.min(after.eventsMax ?? READ_EVENTS_MAX, READ_EVENTS_MAX));
    const bytesMax = after.bytesMax ?? READ_BYTES_MAX;
    const events: Event[] = [];
    let bytes = 0;
    while (from + events.length < to) {
      for (const { seq, data } of this.log.read(from + events.length, to)) {
        bytes += data?.length ?? 0;
        if (events.length > 0 && bytes > bytesMax) return events;
        events.push(this.decode(seq, data));
      }
    }
    return events;
  }

  ack(seq: bigint): Promise<void> {
    return this.commit.add({ kind: "ack", seq }, 1);
  }

  beginEpoch(): Promise<void> {
    return this.commit.add({ kind: "epoch" }, 1);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A bucket whose sync is under way is made to last here: its files are closed before that sync comes back. */
  close(): void {
    if (this.isClosed) return;
    this.attemptLast(() => this.log.syncNow());
    this.commit.flushNow();
    this.isClosed = true;
    this.log.close();
    this.unlock();
  }

  private attemptLast(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.log.error({ err: error }, `${this.options.dir}: the last events could not be made to last`);
    }
  }

  private stage(changes: Change[]): Staged<Change> {
    const failed = new Map<Change, unknown>();
    const appends = changes.filter((change) => change.kind === "append");
    for (const change of changes) if (change.kind === "ack") this.log.ack(Number(change.seq));
    for (const change of changes) if (change.kind === "epoch") this.attempt(change, failed, () => this.renumber());
    let written: Written | undefined;
    if (appends.length > 0) {
      try {
        written = this.write(appends);
      } catch (error) {
        for (const append of appends) failed.set(append, error);
      }
    }
    return {
      // First the events, then what promises them: a mark never names what may not be there.
      sync: async () => {
        await written?.file.sync();
        if (!this.isClosed) await this.log.writeMark().sync();
      },
      syncNow: () => {
        written?.file.syncNow();
        this.log.writeMark().syncNow();
      },
      settle: (error) => this.settle({ changes, appends, written, failed, error }),
    };
  }

  private attempt(change: Change, failed: Map<Change, unknown>, work: () => void): void {
    try {
      work();
    } catch (error) {
      failed.set(change, error);
    }
  }

  private write(appends: readonly Append[]): Written {
    this.makeRoom(appends.reduce((sum, { data }) => sum + data.length, 0));
    const written = this.log.write(appends);
    for (const [index, append] of appends.entries()) append.seq = BigInt(written.first + index);
    return written;
  }

  private makeRoom(more: number): void {
    const { bytesMax, dir, log } = this.options;
    if (this.log.bytes + more <= bytesMax) return;
    const events = giveUp(this.log, this.log.bytes + more - bytesMax * ROOM_SHARE);
    if (events > 0) log.warn({ events }, `${dir} was full: events were given up, least severe first`);
    const { bytes } = this.log;
    if (bytes + more <= bytesMax) return;
    throw new Error(
      `${dir} is full: ${this.pending().events} events use ${bytes} of ${bytesMax} bytes and none can be ` +
        "given up any more. Bring the hub's link back, or raise spool.eventsBytesMax",
    );
  }

  private settle(outcome: {
    changes: Change[];
    appends: Append[];
    written: Written | undefined;
    failed: Map<Change, unknown>;
    error: unknown;
  }): Map<Change, unknown> {
    const { changes, appends, written, failed, error } = outcome;
    if (this.isClosed) return failed;
    if (error !== undefined) {
      if (written) this.log.undo(written);
      for (const change of changes) failed.set(change, error);
      return failed;
    }
    this.visible = this.log.next;
    this.log.dropAcked();
    const isNew = appends.some((append) => !failed.has(append)) || changes.some(({ kind }) => kind === "epoch");
    if (isNew) for (const listener of this.listeners) listener();
    return failed;
  }

  /** A new epoch in which what is pending counts from 1. A reference to an event of the old epoch is dropped. */
  private renumber(): void {
    const shift = this.log.acked;
    this.log.writeAnew({ epoch: randomEpoch(), first: 1 }, (data, seq) => {
      if (!data) return asItIs(undefined, seq - shift);
      const event = fromBinary(EventSchema, data);
      const refersTo = event.refersToSeq - BigInt(shift);
      event.refersToSeq = event.refersToSeq > 0n && refersTo > 0n ? refersTo : 0n;
      return asItIs(toBinary(EventSchema, event), seq - shift);
    });
    this.visible = this.log.next;
  }

  /** A damaged event becomes a gap event at its own number, so that the others stay without a hole. */
  private decode(seq: number, data: Uint8Array | undefined): Event {
    if (!data) {
      this.options.log.error(`event ${seq} of ${this.options.dir} is damaged on disk; a gap is sent in its place`);
    }
    const event = fromBinary(EventSchema, data ?? standIn(undefined, DAMAGED));
    event.seq = BigInt(seq);
    return event;
  }
}

function asItIs(data: Uint8Array | undefined, seq: number): ReturnType<typeof standInAt> {
  return data ? { seq, rank: rankOf(fromBinary(EventSchema, data)), data } : standInAt(seq, undefined, DAMAGED);
}

function randomEpoch(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(EPOCH_BYTES))).toString("hex");
}

import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Event, EventSchema } from "@watchpost/proto";
import { createGroupCommit, type GroupCommit, openJournal } from "../journal/index.ts";
import type { Outbox, OutboxOptions } from "./api.ts";
import { gapDraft, rankOf, toEvent } from "./draft.ts";
import type { EventDraft } from "./event-draft.ts";
import { giveUp, ROW_BYTES, standIn } from "./give-up.ts";
import { readMeta, renumber, writeMeta } from "./meta.ts";
import { OUTBOX_SCHEMA } from "./schema.ts";

const BUCKET_MS = 20;
const BUCKET_EVENTS_MAX = 1_000;
const READ_EVENTS_MAX = 1_000;
const READ_BYTES_MAX = 1_048_576;
/** When full, room is made down to this share of the budget, so that not every commit has to. */
const ROOM_SHARE = 0.95;

interface Append {
  kind: "append";
  data: Uint8Array;
  rank: number;
  /** Set when its bucket is written. */
  seq: bigint;
}
type Change = Append | { kind: "ack"; seq: bigint };

interface EventRow {
  seq: number;
  crc: number;
  data: Uint8Array;
}

/** Opens or makes `<dir>/outbox.sqlite`. Throws when it cannot be written or another process holds it. */
export function openOutbox(options: OutboxOptions): Outbox {
  return new FileOutbox(options);
}

class FileOutbox implements Outbox {
  private readonly options: OutboxOptions;
  private readonly path: string;
  private readonly db: Database;
  private readonly commit: GroupCommit<Change>;
  private readonly listeners = new Set<() => void>();
  private name: string;
  private next: bigint;
  private held: { events: number; bytes: number };
  private before: { next: bigint; held: { events: number; bytes: number } };
  private givenUp = 0;
  /** An acknowledgement whose commit failed; the next one carries it. */
  private owedAck = 0n;

  constructor(options: OutboxOptions) {
    this.options = options;
    this.path = join(options.dir, "outbox.sqlite");
    const { db, setAside } = openJournal({
      path: this.path,
      schema: OUTBOX_SCHEMA,
      probe: isWhole,
      nowMs: options.clock.nowMs(),
    });
    this.db = db;
    const meta = readMeta(db);
    this.name = meta.epoch;
    this.next = meta.nextSeq;
    this.held = heldBy(db);
    this.before = { next: this.next, held: this.held };
    this.commit = createGroupCommit<Change>({
      db,
      bucketMs: options.bucketMs ?? BUCKET_MS,
      weightMax: BUCKET_EVENTS_MAX,
      write: (changes) => this.write(changes),
      committed: (changes) => this.committed(changes),
      failed: (changes) => this.failed(changes),
    });
    if (setAside !== undefined) this.tellSetAside(setAside);
  }

  epoch(): string {
    return this.name;
  }

  lastSeq(): bigint {
    return this.next - 1n;
  }

  pending(): { events: number; bytes: number } {
    return { ...this.held };
  }

  async append(draft: EventDraft): Promise<bigint> {
    const event = toEvent(draft);
    const change: Append = { kind: "append", data: toBinary(EventSchema, event), rank: rankOf(event), seq: 0n };
    await this.commit.add(change, 1);
    return change.seq;
  }

  read(after: { seq: bigint; eventsMax?: number; bytesMax?: number }): Event[] {
    const rows = this.db
      .query<EventRow, [bigint, number]>("select seq, crc, data from event where seq > ? order by seq limit ?")
      .iterate(after.seq, Math.min(after.eventsMax ?? READ_EVENTS_MAX, READ_EVENTS_MAX));
    const bytesMax = after.bytesMax ?? READ_BYTES_MAX;
    const events: Event[] = [];
    let bytes = 0;
    for (const row of rows) {
      bytes += row.data.length;
      if (events.length > 0 && bytes > bytesMax) break;
      events.push(this.decode(row));
    }
    return events;
  }

  ack(seq: bigint): Promise<void> {
    return this.commit.add({ kind: "ack", seq }, 1);
  }

  beginEpoch(): void {
    this.commit.flush();
    this.db.transaction(() => ({ epoch: this.name, nextSeq: this.next } = renumber(this.db))).immediate();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.commit.flush();
    this.db.close();
  }

  private write(changes: Change[]): void {
    this.before = { next: this.next, held: this.held };
    let { bytes, events } = this.held;
    const insert = this.db.query("insert into event (seq, rank, bytes, crc, data) values (?, ?, ?, ?, ?)");
    let acked = this.owedAck;
    for (const change of changes) {
      if (change.kind === "ack") {
        if (change.seq > acked) acked = change.seq;
        continue;
      }
      change.seq = this.next;
      this.next += 1n;
      const rowBytes = change.data.length + ROW_BYTES;
      insert.run(change.seq, change.rank, rowBytes, Bun.hash.crc32(change.data), change.data);
      bytes += rowBytes;
      events += 1;
    }
    const gone = acked > 0n ? forget(this.db, acked) : { events: 0, bytes: 0 };
    writeMeta(this.db, { epoch: this.name, nextSeq: this.next });
    this.held = { events: events - gone.events, bytes: this.makeRoom(bytes - gone.bytes) };
  }

  private makeRoom(bytes: number): number {
    const { bytesMax } = this.options;
    this.givenUp = 0;
    if (bytes <= bytesMax) return bytes;
    const after = giveUp(this.db, { bytes, target: bytesMax * ROOM_SHARE });
    if (after.bytes > bytesMax) {
      throw new Error(
        `${this.path} is full: ${this.held.events} events use ${this.held.bytes} of ${bytesMax} bytes and none can be ` +
          "given up any more. Bring the hub's link back, or raise spool.eventsBytesMax",
      );
    }
    this.givenUp = after.events;
    return after.bytes;
  }

  private committed(changes: Change[]): void {
    this.owedAck = 0n;
    if (this.givenUp > 0) {
      this.options.log.warn(
        { events: this.givenUp },
        `${this.path} was full: events were given up, least severe first`,
      );
    }
    if (changes.some((change) => change.kind === "append")) for (const listener of this.listeners) listener();
  }

  /** The first event of the new numbering says that there was an old one. */
  private tellSetAside(setAside: string): void {
    const summary = `The events outbox could not be read and was set aside as ${setAside}; events in it are lost.`;
    const { log, clock } = this.options;
    log.error(summary);
    this.append(gapDraft({ summary, reason: "damaged", nowMs: clock.nowMs() })).catch((error: unknown) =>
      log.error({ err: error }, "the loss of the outbox could not be told to the hub"),
    );
  }

  private failed(changes: Change[]): void {
    this.next = this.before.next;
    this.held = this.before.held;
    for (const change of changes) {
      if (change.kind === "ack" && change.seq > this.owedAck) this.owedAck = change.seq;
    }
  }

  /** A damaged row becomes a gap event at its own number, so that the others stay without a hole. */
  private decode(row: EventRow): Event {
    const sound = Bun.hash.crc32(row.data) === row.crc;
    if (!sound) {
      this.options.log.error(`event ${row.seq} of ${this.path} is damaged on disk; a gap is sent in its place`);
    }
    const event = fromBinary(EventSchema, sound ? row.data : standIn(row.data, "its bytes on disk were damaged"));
    event.seq = BigInt(row.seq);
    return event;
  }
}

function forget(db: Database, upTo: bigint): { events: number; bytes: number } {
  const gone = db
    .query<{ events: number; bytes: number | null }, [bigint]>(
      "select count(*) as events, sum(bytes) as bytes from event where seq <= ?",
    )
    .get(upTo);
  db.query("delete from event where seq <= ?").run(upTo);
  return { events: gone?.events ?? 0, bytes: gone?.bytes ?? 0 };
}

/** The outbox is small, so that its whole file can be checked at each start. */
function isWhole(db: Database): boolean {
  const check = db.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get();
  return check?.quick_check === "ok";
}

function heldBy(db: Database): { events: number; bytes: number } {
  const row = db
    .query<{ events: number; bytes: number | null }, []>("select count(*) as events, sum(bytes) as bytes from event")
    .get();
  return { events: row?.events ?? 0, bytes: row?.bytes ?? 0 };
}

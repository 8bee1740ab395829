import { join } from "node:path";
import { decodeRecord, type Disk, type DiskFile, encodeRecord } from "../journal/index.ts";

const NAME = /^(\d{10})\.log$/;

/** An event as it stands on disk. */
export interface EventRecord {
  seq: number;
  /** What is given up first when there is no room. */
  rank: number;
  data: Uint8Array;
}

/** One file of events with consecutive numbers. Of each only its place is in memory: a backlog may have a million. */
export class EventSegment {
  readonly number: number;
  readonly first: number;
  readonly offsets: number[] = [];
  readonly sizes: number[] = [];
  readonly ranks: number[] = [];
  end = 0;

  constructor(number: number, first: number) {
    this.number = number;
    this.first = first;
  }

  get next(): number {
    return this.first + this.offsets.length;
  }

  add(place: { offset: number; bytes: number; rank: number }): void {
    this.offsets.push(place.offset);
    this.sizes.push(place.bytes);
    this.ranks.push(place.rank);
    this.end = Math.max(this.end, place.offset + place.bytes);
  }

  /** Forgets the events from a number on. */
  cut(seq: number, end: number): void {
    for (const list of [this.offsets, this.sizes, this.ranks]) list.length = Math.max(0, seq - this.first);
    this.end = end;
  }

  bytesFrom(seq: number): number {
    let bytes = 0;
    for (let at = Math.max(0, seq - this.first); at < this.sizes.length; at += 1) bytes += this.sizes[at] as number;
    return bytes;
  }
}

export function segmentName(number: number): string {
  return `${String(number).padStart(10, "0")}.log`;
}

export function numberOf(file: string): number | undefined {
  const match = NAME.exec(file);
  return match ? Number(match[1]) : undefined;
}

export function encodeHead(epoch: string): Uint8Array {
  const payload = new TextEncoder().encode(epoch);
  return encodeRecord({ kind: "events", id: 0, rank: 0, samples: 0, fromMs: 0, toMs: 0 }, payload);
}

export function encodeEvent({ seq, rank, data }: EventRecord): Uint8Array {
  return encodeRecord({ kind: "event", id: seq, rank, samples: 0, fromMs: 0, toMs: 0 }, data);
}

/** Data of consecutive events, in one read; undefined in the place of one that is damaged. */
export function readEvents(
  file: DiskFile,
  segment: EventSegment,
  span: { from: number; to: number },
): (Uint8Array | undefined)[] {
  const at = span.from - segment.first;
  const count = span.to - span.from;
  const start = segment.offsets[at] as number;
  const last = at + count - 1;
  const bytes = file.read(start, (segment.offsets[last] as number) + (segment.sizes[last] as number) - start);
  return Array.from({ length: count }, (_, index) => {
    const offset = (segment.offsets[at + index] as number) - start;
    const record = decodeRecord(bytes.subarray(offset, offset + (segment.sizes[at + index] as number)));
    return record?.meta.id === span.from + index ? record.payload : undefined;
  });
}

/** A whole file, under its name only once it is synced. An older one of that name is replaced. */
export function writeSegment(
  place: { disk: Disk; dir: string; number: number; epoch: string; first: number },
  events: Iterable<EventRecord>,
): EventSegment {
  const { disk, dir, number, epoch, first } = place;
  const path = join(dir, segmentName(number));
  const made = new EventSegment(number, first);
  const file = disk.open(`${path}.new`);
  try {
    file.truncate(0);
    const head = encodeHead(epoch);
    file.write(0, head);
    made.end = head.length;
    for (const event of events) {
      const record = encodeEvent(event);
      file.write(made.end, record);
      made.add({ offset: made.end, bytes: record.length, rank: event.rank });
    }
    file.syncNow();
  } catch (error) {
    disk.remove(`${path}.new`);
    throw error;
  } finally {
    file.close();
  }
  disk.rename(`${path}.new`, path);
  disk.syncFolder(dir);
  return made;
}

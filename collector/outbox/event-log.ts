import { join } from "node:path";
import type { Logger } from "pino";
import type { Disk, DiskFile } from "../journal/index.ts";
import { type Mark, MarkFiles } from "./mark.ts";
import { recover } from "./recover.ts";
import {
  encodeEvent,
  encodeHead,
  type EventRecord,
  EventSegment,
  readEvents,
  segmentName,
  writeSegment,
} from "./segment.ts";

const SEGMENT_BYTES_MAX = 1_048_576;
const READ_AT_ONCE = 256;
const FILES_OF_A_MARK = [0, 1];
/** What is written in the place of an event; of a damaged one only the number is known. */
type Replace = (data: Uint8Array | undefined, seq: number) => EventRecord;

/** One bucket of events on its way to the disk. */
export interface Written {
  segment: EventSegment;
  file: DiskFile;
  first: number;
  endBefore: number;
}

/** Events under consecutive numbers in files of their own, and the mark that says how far they go. */
export class EventLog {
  epoch: string;
  /** The next number to give. */
  next: number;
  acked: number;
  /** Of what is not acknowledged. */
  bytes = 0;
  readonly segments: EventSegment[];
  /** Events that were promised and stood in no file at the start. */
  readonly lost: number;
  readonly damagedMarks: number;
  private readonly disk: Disk;
  private readonly dir: string;
  private readonly marks: MarkFiles;
  private nextNumber: number;
  private active: { segment: EventSegment; file: DiskFile } | undefined;

  constructor(options: { disk: Disk; dir: string; log: Logger; newEpoch: () => string }) {
    const { disk, dir, log, newEpoch } = options;
    this.disk = disk;
    this.dir = dir;
    for (const file of disk.list(dir).filter((name) => name.endsWith(".new"))) disk.remove(join(dir, file));
    this.marks = new MarkFiles(disk, dir);
    this.damagedMarks = this.marks.damaged;
    const found = recover({ disk, dir, mark: this.marks.found, log });
    const isNew = found.epoch === undefined;
    this.epoch = found.epoch ?? newEpoch();
    this.next = found.next;
    this.acked = found.acked;
    this.segments = found.segments;
    this.nextNumber = found.nextNumber;
    this.lost = found.lost.length;
    this.dropAcked();
    this.bytes = this.segments.reduce((sum, segment) => sum + segment.bytesFrom(this.acked + 1), 0);
    if (isNew || this.damagedMarks > 0) this.renewMarks(log);
  }

  /** A full disk does not keep a collector from starting: nothing new is promised before a mark can be written. */
  private renewMarks(log: Logger): void {
    try {
      for (const _ of FILES_OF_A_MARK) this.writeMark().syncNow();
    } catch (error) {
      log.warn(`${this.dir}: its marks cannot be written yet, so no event can be kept: ${String(error)}`);
    }
  }

  /** Behind the last one. Throws, with nothing changed, when the disk refuses. */
  write(events: readonly { rank: number; data: Uint8Array }[]): Written {
    if (this.active && this.active.segment.end >= SEGMENT_BYTES_MAX) this.seal();
    this.active ??= this.begin();
    const { segment, file } = this.active;
    const before: Written = { segment, file, first: this.next, endBefore: segment.end };
    const records = events.map(({ rank, data }, index) => encodeEvent({ seq: this.next + index, rank, data }));
    try {
      file.write(segment.end, Buffer.concat(records));
    } catch (error) {
      file.truncate(before.endBefore);
      throw error;
    }
    for (const [index, record] of records.entries()) {
      segment.add({ offset: segment.end, bytes: record.length, rank: events[index]?.rank ?? 0 });
      this.bytes += record.length;
    }
    this.next += events.length;
    return before;
  }

  /** After a failed sync nobody knows what the disk holds of them; the file is left behind. */
  undo({ segment, file, first, endBefore }: Written): void {
    this.bytes -= segment.bytesFrom(first);
    segment.cut(first, endBefore);
    this.next = first;
    if (this.active?.segment === segment) this.active = undefined;
    file.truncate(endBefore);
    file.close();
  }

  /** Sync it before it is promised. */
  writeMark(next = this.next): DiskFile {
    const mark: Mark = { epoch: this.epoch, next, acked: this.acked };
    return this.marks.write(mark);
  }

  /** From one number on some events, at least one; undefined in the place of one that is damaged or in no file. */
  read(from: number, to: number): { seq: number; data: Uint8Array | undefined }[] {
    const segment = this.segments.find((one) => one.next > from);
    const atOnce = Math.min(to, from + READ_AT_ONCE);
    if (!segment || segment.first > from) {
      const end = Math.min(atOnce, segment?.first ?? atOnce);
      return Array.from({ length: end - from }, (_, index) => ({ seq: from + index, data: undefined }));
    }
    const span = { from, to: Math.min(atOnce, segment.next) };
    const file = this.active?.segment === segment ? this.active.file : this.open(segment);
    try {
      return readEvents(file, segment, span).map((data, index) => ({ seq: from + index, data }));
    } finally {
      if (file !== this.active?.file) file.close();
    }
  }

  /** Forgets what is acknowledged; files go once the mark that says so is synced. */
  ack(seq: number): void {
    const upTo = Math.min(seq, this.next - 1);
    if (upTo <= this.acked) return;
    for (const segment of this.segments) {
      if (segment.first > upTo) break;
      this.bytes -= segment.bytesFrom(this.acked + 1) - segment.bytesFrom(upTo + 1);
    }
    this.acked = upTo;
  }

  /** Files of which nothing waits any more. */
  dropAcked(): void {
    const gone = this.segments.filter((one) => one.next <= this.acked + 1 && one !== this.active?.segment);
    for (const segment of gone) {
      this.segments.splice(this.segments.indexOf(segment), 1);
      if (this.segments.every(({ number }) => number !== segment.number)) this.removeFile(segment.number);
    }
  }

  /** The same file with other events at the same numbers. */
  replace(segment: EventSegment, events: Iterable<EventRecord>): void {
    if (this.active?.segment === segment) this.seal();
    const { disk, dir, epoch } = this;
    const { number, first } = segment;
    const made = writeSegment({ disk, dir, number, epoch, first }, events);
    this.bytes += made.bytesFrom(this.acked + 1) - segment.bytesFrom(this.acked + 1);
    this.segments.splice(this.segments.indexOf(segment), 1, made);
  }

  /** Everything that is pending in one new file, counted from `first`; the old ones go once it has its name. */
  writeAnew(to: { epoch: string; first: number }, change: Replace): void {
    this.seal();
    const { disk, dir, acked } = this;
    const old = this.segments.splice(0);
    const count = this.next - 1 - acked;
    const all = this.pendingOf(old, change);
    const made = writeSegment({ disk, dir, number: this.nextNumber, ...to }, all);
    this.nextNumber += 1;
    this.segments.push(made);
    this.epoch = to.epoch;
    this.acked = to.first - 1;
    this.next = to.first + count;
    this.bytes = made.bytesFrom(to.first);
    for (const number of new Set(old.map((segment) => segment.number))) this.removeFile(number);
  }

  /** Everything that was written, and the mark that promises it. */
  syncNow(): void {
    this.active?.file.syncNow();
    this.writeMark().syncNow();
  }

  seal(): void {
    this.active?.file.close();
    this.active = undefined;
  }

  close(): void {
    this.seal();
    this.marks.close();
  }

  private *pendingOf(segments: readonly EventSegment[], change: Replace): Generator<EventRecord> {
    let seq = this.acked + 1;
    for (const segment of segments) {
      for (; seq < segment.first; seq += 1) yield change(undefined, seq);
      const file = this.open(segment);
      for (; seq < segment.next; seq += 1) {
        yield change(readEvents(file, segment, { from: seq, to: seq + 1 })[0], seq);
      }
      file.close();
    }
    for (; seq < this.next; seq += 1) yield change(undefined, seq);
  }

  private begin(): { segment: EventSegment; file: DiskFile } {
    const segment = new EventSegment(this.nextNumber, this.next);
    const file = this.disk.open(join(this.dir, segmentName(segment.number)));
    const head = encodeHead(this.epoch);
    try {
      file.truncate(0);
      file.write(0, head);
    } catch (error) {
      file.close();
      this.removeFile(segment.number);
      throw error;
    }
    this.disk.syncFolder(this.dir);
    segment.end = head.length;
    this.nextNumber += 1;
    this.segments.push(segment);
    return { segment, file };
  }

  private open({ number }: EventSegment): DiskFile {
    return this.disk.open(join(this.dir, segmentName(number)));
  }

  private removeFile(number: number): void {
    this.disk.remove(join(this.dir, segmentName(number)));
    this.disk.syncFolder(this.dir);
  }
}

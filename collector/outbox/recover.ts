import { join } from "node:path";
import type { Logger } from "pino";
import { type Disk, type Found, readPayload, scanRecords } from "../journal/index.ts";
import type { Mark } from "./mark.ts";
import { EventSegment, numberOf, segmentName } from "./segment.ts";

export interface Recovered {
  epoch: string | undefined;
  next: number;
  acked: number;
  /** Ascending, apart from each other; not without holes when `lost` is not empty. */
  segments: EventSegment[];
  /** Numbers that were promised and that no file holds any more. */
  lost: number[];
  nextNumber: number;
}

interface Loaded {
  number: number;
  epoch: string | undefined;
  events: Found[];
}

/** Builds the index from the files. What a crash left unfinished is cut off; what was promised and is gone is named. */
export function recover(options: { disk: Disk; dir: string; mark: Mark | undefined; log: Logger }): Recovered {
  const { disk, dir, mark, log } = options;
  const files = disk.list(dir).flatMap((file) => numberOf(file) ?? []);
  // A disk lists files in an order of its own.
  const numbers = files.toSorted((a, b) => a - b);
  const loaded = numbers.map((number, index) => {
    return load({ disk, dir, number, log, isLast: index === numbers.length - 1 });
  });
  const epoch = loaded.findLast((file) => file.epoch !== undefined)?.epoch ?? mark?.epoch;
  const current = mark?.epoch === epoch ? mark : undefined;
  const segments: EventSegment[] = [];
  let below = Number.POSITIVE_INFINITY;
  // What was written anew has the newer file: older copies are left over from a crash.
  for (const file of loaded.toReversed()) {
    const isOld = file.epoch !== undefined && file.epoch !== epoch;
    const runs = isOld ? [] : runsOf(file, below);
    if (runs.length === 0) disk.remove(join(dir, segmentName(file.number)));
    segments.unshift(...runs);
    below = Math.min(below, runs[0]?.first ?? below);
  }
  const acked = current?.acked ?? Math.max(0, (segments[0]?.first ?? 1) - 1);
  const promised = current?.next ?? segments.at(-1)?.next ?? 1;
  const next = trimTail(segments, promised, acked);
  cutTorn(disk, dir, segments.at(-1));
  return {
    epoch,
    next,
    acked,
    segments,
    lost: holes(segments, acked + 1, next),
    nextNumber: (numbers.at(-1) ?? 0) + 1,
  };
}

function load(place: { disk: Disk; dir: string; number: number; log: Logger; isLast: boolean }): Loaded {
  const { disk, dir, number, log, isLast } = place;
  const path = join(dir, segmentName(number));
  const size = disk.sizeOf(path);
  const file = disk.open(path);
  try {
    const scan = scanRecords(file, size);
    const head = scan.records.find(({ kind }) => kind === "events");
    const epoch = head && readPayload(file, head);
    const written = scan.records.filter(({ kind }) => kind === "event");
    // In other files a damaged event is found when it is read; here it decides where the file ends.
    const events = isLast ? written.filter((record) => readPayload(file, record) !== undefined) : written;
    const unknown = scan.damages.length + (scan.end < size ? 1 : 0) + written.length - events.length + (epoch ? 0 : 1);
    if (unknown > 0) log.warn(`${path}: ${unknown} parts of ${size} bytes are damaged, or were not wholly written`);
    return { number, epoch: epoch && new TextDecoder().decode(epoch), events };
  } finally {
    file.close();
  }
}

/** Rows of consecutive events; the numbers from `below` on stand in a newer file. */
function runsOf({ number, events }: Loaded, below: number): EventSegment[] {
  const runs: EventSegment[] = [];
  for (const { id, offset, bytes, rank } of events) {
    if (id >= below) break;
    const run = runs.at(-1);
    if (run?.next === id) run.add({ offset, bytes, rank });
    else if (!run || id > run.next) {
      const begun = new EventSegment(number, id);
      begun.add({ offset, bytes, rank });
      runs.push(begun);
    }
  }
  return runs;
}

/** Gives the next number. Beyond what was promised only what follows without a hole is kept: the rest was torn. */
function trimTail(segments: EventSegment[], promised: number, acked: number): number {
  let next = Math.max(promised, acked + 1, segments[0]?.first ?? 1);
  for (const segment of segments) if (segment.first <= next) next = Math.max(next, segment.next);
  while ((segments.at(-1)?.first ?? 0) > next) segments.pop();
  return next;
}

function cutTorn(disk: Disk, dir: string, last: EventSegment | undefined): void {
  if (!last) return;
  const path = join(dir, segmentName(last.number));
  if (disk.sizeOf(path) <= last.end) return;
  const file = disk.open(path);
  file.truncate(last.end);
  file.close();
}

function holes(segments: readonly EventSegment[], from: number, next: number): number[] {
  const missing: number[] = [];
  let seq = from;
  for (const segment of segments) {
    for (; seq < segment.first; seq += 1) missing.push(seq);
    seq = Math.max(seq, segment.next);
  }
  for (; seq < next; seq += 1) missing.push(seq);
  return missing;
}

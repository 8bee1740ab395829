import { join } from "node:path";
import { type Disk, type DiskFile, type Found, readPayload, type Scan, scanRecords } from "../journal/index.ts";
import type { Gap } from "./gap.ts";
import type { Ledger, Sealed } from "./ledger.ts";
import { segmentOf } from "./segment-name.ts";
import { type Segment, Shelf } from "./shelf.ts";

const SAMPLE_BYTES = 8;

export interface Recovered {
  shelf: Shelf;
  /** Number of the next raw segment. */
  nextSegment: number;
  losses: Omit<Gap, "id">[];
}

export function sealOf(segment: Segment): Sealed {
  const { file, bytes, blocks } = segment;
  return {
    file,
    bytes,
    samples: blocks.reduce((sum, block) => sum + block.samples, 0),
    fromMs: blocks.reduce((least, block) => Math.min(least, block.fromMs), Number.MAX_SAFE_INTEGER),
    toMs: blocks.reduce((most, block) => Math.max(most, block.toMs), 0),
    lastId: blocks.reduce((most, block) => Math.max(most, block.id), 0),
  };
}

/** Builds the index from the files themselves. What is damaged is left out and told; nothing of it stops the start. */
export function recover(options: { disk: Disk; dir: string; ledger: Ledger; nowMs: number }): Recovered {
  const recovery = new Recovery(options);
  return recovery.run();
}

class Recovery {
  private readonly disk: Disk;
  private readonly dir: string;
  private readonly ledger: Ledger;
  private readonly nowMs: number;
  private readonly shelf = new Shelf();
  private readonly losses: Omit<Gap, "id">[] = [];
  private readonly ids = new Set<number>();

  constructor(options: { disk: Disk; dir: string; ledger: Ledger; nowMs: number }) {
    this.disk = options.disk;
    this.dir = options.dir;
    this.ledger = options.ledger;
    this.nowMs = options.nowMs;
  }

  run(): Recovered {
    const found = this.disk.list(this.dir).flatMap((file) => segmentOf(file) ?? []);
    const compacted = found.filter(({ file }) => file.endsWith(".blk"));
    const isReplaced = (segment: Segment): boolean =>
      compacted.some((by) => by !== segment && by.first <= segment.first && segment.last <= by.last);
    for (const segment of found) {
      if (isReplaced(segment)) this.forget(segment.file);
      else this.load(segment);
    }
    const files = new Set(this.shelf.segments.map(({ file }) => file));
    for (const sealed of [...this.ledger.sealed.values()].filter(({ file }) => !files.has(file))) {
      const missing = segmentOf(sealed.file);
      if (missing && !isReplaced(missing)) this.lose(sealed, sealed.samples, "the file is missing");
      this.ledger.add({ t: "gone", files: [sealed.file], ids: [] });
    }
    this.ledger.keepOnly(this.ids);
    const last = found.reduce((most, segment) => Math.max(most, segment.last), 0);
    return { shelf: this.shelf, nextSegment: last + 1, losses: this.losses };
  }

  /** What crashed between a compaction and the removal of what it replaced. */
  private forget(file: string): void {
    this.disk.remove(join(this.dir, file));
    this.ledger.add({ t: "gone", files: [file], ids: [] });
  }

  private load(segment: Segment): void {
    const path = join(this.dir, segment.file);
    const size = this.disk.sizeOf(path);
    const file = this.disk.open(path);
    try {
      const scan = scanRecords(file, size);
      const sealed = this.ledger.sealed.get(segment.file);
      segment.bytes = sealed ? size : this.cutTorn(segment, { file, scan, size });
      this.shelf.addSegment(segment);
      for (const record of scan.records) this.place(segment, record);
      if (sealed) this.tellMissing(sealed, scan, size);
    } finally {
      file.close();
    }
    if (segment.blocks.length > 0) {
      if (!this.ledger.sealed.has(segment.file)) this.ledger.add({ t: "sealed", sealed: sealOf(segment) });
      return;
    }
    this.shelf.removeSegment(segment);
    this.forget(segment.file);
  }

  private place(segment: Segment, record: Found): void {
    const { id } = record;
    this.ids.add(id);
    this.ledger.nextId = Math.max(this.ledger.nextId, id + 1);
    if (this.ledger.lost.has(id) || this.shelf.byId.has(id)) return;
    const sentAtMs = this.ledger.sent.get(id);
    const state = this.ledger.aside.has(id) ? "aside" : sentAtMs === undefined ? "pending" : "sent";
    this.shelf.add({ ...record, segment, state, sentAtMs: sentAtMs ?? 0 });
  }

  /** Told once: from now on the file is what is left of it. */
  private tellMissing(sealed: Sealed, scan: Scan, size: number): void {
    const samples = sealed.samples - scan.records.reduce((sum, record) => sum + record.samples, 0);
    if (samples <= 0) return;
    this.lose(sealed, samples, `${scan.records.length} records in ${size} of ${sealed.bytes} bytes are whole`);
    this.ledger.add({ t: "sealed", sealed: { ...sealed, samples: sealed.samples - samples, bytes: size } });
  }

  /** A file that was being written when the collector ended: what its last sync did not reach may be torn anywhere. */
  private cutTorn(segment: Segment, { file, scan, size }: { file: DiskFile; scan: Scan; size: number }): number {
    const torn = scan.records.filter((record) => readPayload(file, record) === undefined);
    scan.records = scan.records.filter((record) => !torn.includes(record));
    const end = scan.records.reduce((most, record) => Math.max(most, record.offset + record.bytes), 0);
    const { file: name } = segment;
    for (const { id, samples, fromMs, toMs, offset } of torn) {
      if (offset < end) this.ledger.add({ t: "lost", ids: [id] });
      this.lose({ file: name, fromMs, toMs }, samples, `record ${id} was not wholly written`);
    }
    const tail = { offset: scan.end, bytes: size - scan.end };
    const fromMs = scan.records[0]?.fromMs ?? this.nowMs;
    const toMs = scan.records.at(-1)?.toMs ?? this.nowMs;
    for (const { offset, bytes } of [...scan.damages, tail].filter((part) => part.bytes > 0)) {
      const about = Math.max(1, Math.floor(bytes / SAMPLE_BYTES));
      const why = `${bytes} bytes at ${offset} are no record (their samples are counted by size)`;
      this.lose({ file: name, fromMs, toMs }, about, why);
    }
    if (end < size) file.truncate(end);
    return end;
  }

  private lose(where: { file: string; fromMs: number; toMs: number }, samples: number, why: string): void {
    const { file, fromMs, toMs } = where;
    this.losses.push({ reason: "damaged", detail: `${join(this.dir, file)}: ${why}`, fromMs, toMs, samples });
  }
}

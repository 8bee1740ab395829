import { join } from "node:path";
import { type Disk, type DiskFile, encodeRecord, readPayload, scanRecords } from "../journal/index.ts";
import { type Gap, grown } from "./gap.ts";

const FILE = "ledger.log";
const BYTES_BEFORE_REWRITE = 262_144;
const IDS_A_RECORD_MAX = 10_000;
const UNWRITTEN_MAX = 100_000;

/** What a file held when its last record had been written: what is missing later was lost. */
export interface Sealed {
  file: string;
  bytes: number;
  samples: number;
  fromMs: number;
  toMs: number;
  /** The newest record's. */
  lastId: number;
}

type Entry =
  | { t: "sent"; ids: number[]; atMs: number }
  | { t: "back"; ids: number[] }
  | { t: "aside"; ids: number[]; reason: string }
  | { t: "lost"; ids: number[] }
  | { t: "sealed"; sealed: Sealed }
  | { t: "gone"; files: string[]; ids: number[] }
  | { t: "gap"; gap: Gap; isTelling: boolean }
  | { t: "told"; id: number }
  | { t: "store"; startS: number }
  | { t: "ids"; next: number; nextGap: number };

/** What became of the records in the segments, and the gaps. One commit is one record: it is there whole or not at all. */
export class Ledger {
  readonly sent = new Map<number, number>();
  /** Why the store does not take them. */
  readonly aside = new Map<number, string>();
  readonly lost = new Set<number>();
  readonly sealed = new Map<string, Sealed>();
  /** Entries that were damaged: some samples may be sent twice for it, and a gap may never be told. */
  readonly damaged: number;
  nextId = 1;
  /** When the store's process began, as it said last. */
  storeStartS = 0;
  private readonly gaps = new Map<number, { gap: Gap; isTelling: boolean }>();
  private readonly disk: Disk;
  private readonly dir: string;
  private file: DiskFile;
  private end = 0;
  private bytesAtRewrite = 0;
  private unwritten: Entry[] = [];
  private nextGap = 1;

  constructor(options: { disk: Disk; dir: string }) {
    this.disk = options.disk;
    this.dir = options.dir;
    this.file = this.disk.open(join(this.dir, FILE));
    this.damaged = this.replay();
    if (this.end > BYTES_BEFORE_REWRITE || this.damaged > 0) this.makeSmall();
  }

  add(entry: Entry): void {
    this.apply(entry);
    this.unwritten.push(entry);
    // Only acknowledgements can come without end while the disk refuses writes; without them samples are sent twice.
    if (this.unwritten.length > UNWRITTEN_MAX) this.unwritten = this.unwritten.filter((e) => e.t !== "sent");
  }

  /** Losses of one reason grow one gap until it is told. */
  addGap(more: Omit<Gap, "id">): void {
    const open = [...this.gaps.values()].find(({ gap, isTelling }) => gap.reason === more.reason && !isTelling)?.gap;
    const gap = open ? grown(open, more) : { id: this.nextGap, ...more };
    if (open) this.unwritten = this.unwritten.filter((entry) => entry.t !== "gap" || entry.gap.id !== gap.id);
    this.add({ t: "gap", gap, isTelling: false });
  }

  /** Forgets records that are in no file any more. */
  keepOnly(ids: ReadonlySet<number>): void {
    for (const known of [this.sent, this.aside, this.lost]) {
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    }
  }

  hasGaps(): boolean {
    return this.gaps.size > 0;
  }

  /** Gaps that grow no more and are the same at each telling. Commit and sync before they are told. */
  gapsToTell(): Gap[] {
    for (const { gap, isTelling } of this.gaps.values()) if (!isTelling) this.add({ t: "gap", gap, isTelling: true });
    return [...this.gaps.values()].map(({ gap }) => gap);
  }

  /** Writes what was added since; throws when the disk refuses, and keeps it for the next time. */
  commit(): DiskFile | undefined {
    if (this.unwritten.length === 0) return undefined;
    this.append(this.unwritten);
    this.unwritten = [];
    if (this.end > BYTES_BEFORE_REWRITE + 2 * this.bytesAtRewrite) this.makeSmall();
    return this.file;
  }

  close(): void {
    this.file.close();
  }

  private append(entries: Entry[]): void {
    const record = encodeEntries(entries);
    try {
      this.file.write(this.end, record);
    } catch (error) {
      this.file.truncate(this.end);
      throw error;
    }
    this.end += record.length;
  }

  private apply(entry: Entry): void {
    switch (entry.t) {
      case "sent":
        for (const id of entry.ids) this.sent.set(id, entry.atMs);
        return;
      case "back":
        for (const id of entry.ids) for (const known of [this.sent, this.aside]) known.delete(id);
        return;
      case "aside":
        for (const id of entry.ids) this.aside.set(id, entry.reason);
        return;
      case "lost":
        for (const id of entry.ids) this.lost.add(id);
        return;
      case "sealed":
        this.sealed.set(entry.sealed.file, entry.sealed);
        this.nextId = Math.max(this.nextId, entry.sealed.lastId + 1);
        return;
      case "gone":
        for (const file of entry.files) this.sealed.delete(file);
        for (const id of entry.ids) for (const known of [this.sent, this.aside, this.lost]) known.delete(id);
        return;
      case "gap":
        this.gaps.set(entry.gap.id, { gap: entry.gap, isTelling: entry.isTelling });
        this.nextGap = Math.max(this.nextGap, entry.gap.id + 1);
        return;
      case "told":
        this.gaps.delete(entry.id);
        return;
      case "store":
        this.storeStartS = entry.startS;
        return;
      case "ids":
        this.nextId = Math.max(this.nextId, entry.next);
        this.nextGap = Math.max(this.nextGap, entry.nextGap);
    }
  }

  private replay(): number {
    const size = this.disk.sizeOf(join(this.dir, FILE));
    const scan = scanRecords(this.file, size);
    let damaged = scan.damages.length;
    for (const record of scan.records) {
      const payload = readPayload(this.file, record);
      if (payload) for (const entry of decodeEntries(payload)) this.apply(entry);
      else damaged += 1;
    }
    this.file.truncate(scan.end);
    this.end = scan.end;
    return damaged + (scan.end < size ? 1 : 0);
  }

  /** All is in the old file too: a disk without room for a new one only makes this wait. */
  private makeSmall(): void {
    try {
      this.rewrite();
    } catch {
      this.disk.remove(join(this.dir, `${FILE}.new`));
    }
    this.bytesAtRewrite = this.end;
  }

  /** The state alone, in a new file that takes the old one's name once it is whole. */
  private rewrite(): void {
    const path = join(this.dir, FILE);
    const next = this.disk.open(`${path}.new`);
    let end = 0;
    for (const entries of this.stateInRecords()) {
      const record = encodeEntries(entries);
      next.write(end, record);
      end += record.length;
    }
    next.truncate(end);
    next.syncNow();
    this.disk.rename(`${path}.new`, path);
    this.disk.syncFolder(this.dir);
    this.file.close();
    this.file = next;
    this.end = end;
  }

  private stateInRecords(): Entry[][] {
    const byTime = Map.groupBy(this.sent.keys(), (id) => this.sent.get(id) ?? 0);
    const sent = [...byTime].map(([atMs, ids]): Entry => ({ t: "sent", ids, atMs }));
    const others: Entry[] = [
      { t: "ids", next: this.nextId, nextGap: this.nextGap },
      { t: "store", startS: this.storeStartS },
      ...[...this.sealed.values()].map((sealed): Entry => ({ t: "sealed", sealed })),
      ...[...this.gaps.values()].map(({ gap, isTelling }): Entry => ({ t: "gap", gap, isTelling })),
      ...[...this.aside].map(([id, reason]): Entry => ({ t: "aside", ids: [id], reason })),
      ...inParts([...this.lost]).map((ids): Entry => ({ t: "lost", ids })),
    ];
    return [others, ...inParts(sent)];
  }
}

function inParts<T>(list: T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += IDS_A_RECORD_MAX) parts.push(list.slice(at, at + IDS_A_RECORD_MAX));
  return parts;
}

function encodeEntries(entries: Entry[]): Uint8Array {
  const payload = new TextEncoder().encode(JSON.stringify(entries));
  return encodeRecord({ kind: "ledger", id: 0, rank: 0, samples: 0, fromMs: 0, toMs: 0 }, payload);
}

/** Written by this program and checked by checksum: its shape is known. */
function decodeEntries(payload: Uint8Array): Entry[] {
  return JSON.parse(new TextDecoder().decode(payload)) as Entry[];
}

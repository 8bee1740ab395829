import { join } from "node:path";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { compact } from "./compact.ts";
import type { Disk, Space } from "../journal/index.ts";
import type { Ledger } from "./ledger.ts";
import { sealOf } from "./recover.ts";
import { compactName } from "./segment-name.ts";
import type { Block, Segment, Shelf } from "./shelf.ts";

/** Measured with real polls: twice one MiB packs as well as sixteen, and leaves less as it was written. */
const RAW_SEGMENTS_A_COMPACTION = 2;
const SPACE_READ_MS = 1_000;
const COMPACTION_RETRY_MS = 10_000;
const FREE_PART_MAX = 0.1;

export interface Care {
  disk: Disk;
  dir: string;
  shelf: Shelf;
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  bytesMax: number;
  freeBytesMin: number;
  segmentBytesMax: number;
  resendWindowMs: number;
  /** When the store was last known to be what it was (site clock): until it is again, nobody knows what it still has. */
  storeKnownAtMs: () => number;
  /** The one that is written to is left alone. */
  active: () => Segment | undefined;
  isTaken: (block: Block) => boolean;
  onDamaged: (block: Block) => void;
}

/** What keeps the folder within its limits: old deliveries go, raw files become small ones, the oldest is given up. */
export class Housekeeping {
  private readonly care: Care;
  private readonly claimed = new Set<Segment>();
  private compacting: Promise<void> | undefined;
  private compactAgainAtMs = Number.NEGATIVE_INFINITY;
  private isClosed = false;
  private space: Space = { freeBytes: Number.POSITIVE_INFINITY, totalBytes: Number.POSITIVE_INFINITY };
  private spaceReadAtMs = Number.NEGATIVE_INFINITY;

  constructor(care: Care) {
    this.care = care;
  }

  /** Its blocks are being rewritten. */
  isClaimed(segment: Segment): boolean {
    return this.claimed.has(segment);
  }

  /** After each commit. */
  tidy(): void {
    this.discard(this.care.shelf.segments.filter((segment) => this.isDelivered(segment)));
    this.makeRoom();
    if (!this.isClosed) this.compacting ??= this.compactOldest();
  }

  /** Undefined when there is room; otherwise why samples cannot be written, whatever was given up for them. */
  refusal(): string | undefined {
    if (this.missingBytes() <= 0) return undefined;
    this.makeRoom();
    if (this.missingBytes(true) <= 0) return undefined;
    const { freeBytes } = this.space;
    return `${freeBytes} bytes are free on the disk of ${this.care.dir}, and ${this.floorBytes()} must stay free for others (spool.freeBytesMin)`;
  }

  close(): void {
    this.isClosed = true;
  }

  private isDelivered(segment: Segment): boolean {
    // Asked of every file after every commit: the first block answers for most.
    if (segment.pending > 0) return false;
    const isOver = (block: Block): boolean => block.state === "sent" && !this.mayBeSentAgain(block);
    return segment.blocks.every(isOver) && this.isIdle(segment);
  }

  /** Sent so shortly before the store was last seen alive that it may have lost it. A clock that stepped ends it too. */
  private mayBeSentAgain({ sentAtMs }: Block): boolean {
    return Math.abs(this.care.storeKnownAtMs() - sentAtMs) <= this.care.resendWindowMs;
  }

  private isIdle(segment: Segment): boolean {
    return segment !== this.care.active() && !this.claimed.has(segment) && !segment.blocks.some(this.care.isTaken);
  }

  private makeRoom(): void {
    const { shelf, bytesMax } = this.care;
    const missing = this.missingBytes();
    let excess = Math.max(shelf.bytes - bytesMax, missing);
    if (excess <= 0) return;
    const idle = shelf.segments.filter((segment) => this.isIdle(segment));
    const sent = idle.filter((segment) => segment.blocks.every((block) => block.state === "sent"));
    const given: Segment[] = [];
    for (const segment of new Set([...sent, ...idle])) {
      if (excess <= 0) break;
      given.push(segment);
      excess -= segment.bytes;
    }
    for (const segment of given) this.tellGivenUp(segment, missing > 0);
    this.discard(given);
    if (given.length > 0) this.missingBytes(true);
  }

  private tellGivenUp(segment: Segment, isDiskFull: boolean): void {
    const { ledger, bytesMax } = this.care;
    const pending = segment.blocks.filter((block) => block.state === "pending");
    if (pending.length === 0) return;
    const { fromMs, toMs, samples } = sealOf({ ...segment, blocks: pending });
    const detail = isDiskFull
      ? `less than ${this.floorBytes()} bytes are free on the disk; the oldest samples went`
      : `the spool's ${bytesMax} bytes are used; the oldest samples went`;
    ledger.addGap({ reason: "full", detail, fromMs, toMs, samples });
  }

  /** Off the disk; but first it is on disk that this is meant. A full disk must give before it takes. */
  private discard(segments: Segment[]): void {
    if (segments.length === 0) return;
    const { disk, dir, shelf, ledger } = this.care;
    const ids = segments.flatMap((segment) => segment.blocks.map((block) => block.id));
    ledger.add({ t: "gone", files: segments.map(({ file }) => file), ids });
    const isNoted = this.note();
    for (const segment of segments) {
      disk.remove(join(dir, segment.file));
      shelf.removeSegment(segment);
    }
    disk.syncFolder(dir);
    if (!isNoted) this.note();
  }

  /** False on a full disk: what cannot be written now is written with the next entry. */
  private note(): boolean {
    const { dir, ledger, log } = this.care;
    try {
      ledger.commit()?.syncNow();
      return true;
    } catch (error) {
      log.warn({ err: error }, `${dir}: the disk takes nothing; files that are not needed go all the same`);
      return false;
    }
  }

  /** How far the disk is below what must stay free; negative when it is above. */
  private missingBytes(now = false): number {
    const { clock, disk, dir, freeBytesMin } = this.care;
    if (freeBytesMin === 0) return Number.NEGATIVE_INFINITY;
    const nowMs = clock.monotonicMs();
    if (now || nowMs - this.spaceReadAtMs >= SPACE_READ_MS) {
      this.space = disk.space(dir);
      this.spaceReadAtMs = nowMs;
    }
    return this.floorBytes() - this.space.freeBytes;
  }

  /** A small disk keeps a part of itself free. */
  private floorBytes(): number {
    return Math.min(this.care.freeBytesMin, Math.floor(this.space.totalBytes * FREE_PART_MAX));
  }

  /** The oldest raw segments in a row that are big enough together; undefined when there is nothing to do. */
  private compactOldest(): Promise<void> | undefined {
    const { clock, dir, log } = this.care;
    if (clock.monotonicMs() < this.compactAgainAtMs) return undefined;
    const inputs = this.oldestRawRow();
    if (!inputs) return undefined;
    for (const segment of inputs) this.claimed.add(segment);
    return this.runCompaction(inputs)
      .catch((error: unknown) => {
        this.compactAgainAtMs = clock.monotonicMs() + COMPACTION_RETRY_MS;
        log.error({ err: error }, `${dir}: ${inputs.length} segments could not be made smaller; it is tried again`);
      })
      .finally(() => {
        this.claimed.clear();
        this.compacting = undefined;
      });
  }

  private oldestRawRow(): Segment[] | undefined {
    const { shelf, segmentBytesMax } = this.care;
    let row: Segment[] = [];
    let bytes = 0;
    for (const segment of shelf.segments) {
      if (!this.canCompact(segment)) {
        row = [];
        bytes = 0;
        continue;
      }
      row.push(segment);
      bytes += segment.bytes;
      if (bytes >= RAW_SEGMENTS_A_COMPACTION * segmentBytesMax) return row;
    }
    return undefined;
  }

  private canCompact(segment: Segment): boolean {
    const isKept = (block: Block): boolean => block.state === "sent" && this.mayBeSentAgain(block);
    return segment.file.endsWith(".raw") && !segment.blocks.some(isKept) && this.isIdle(segment);
  }

  private async runCompaction(inputs: Segment[]): Promise<void> {
    const { disk, dir, ledger, clock, onDamaged } = this.care;
    const isClosed = (): boolean => this.isClosed;
    const nextId = (): number => {
      ledger.nextId += 1;
      return ledger.nextId - 1;
    };
    const made = await compact({ disk, dir, clock, inputs, nextId, onDamaged, isClosed });
    if (made) this.replace(inputs, made);
  }

  private replace(inputs: Segment[], made: Segment): void {
    const { disk, dir, shelf, ledger } = this.care;
    const blocks = made.blocks.splice(0);
    const kept = new Set(blocks.map((block) => block.id));
    const ids = inputs.flatMap((segment) => segment.blocks.map((block) => block.id)).filter((id) => !kept.has(id));
    disk.rename(join(dir, `${made.file}.new`), join(dir, compactName(made.first, made.last)));
    disk.syncFolder(dir);
    for (const segment of inputs) shelf.removeSegment(segment);
    shelf.addSegment(made);
    for (const block of blocks) shelf.add(block);
    ledger.add({ t: "sealed", sealed: sealOf(made) });
    ledger.add({ t: "gone", files: inputs.map(({ file }) => file), ids });
    // The name of the new file says that it replaces them, whether this can be written or not.
    const isNoted = this.note();
    for (const segment of inputs) disk.remove(join(dir, segment.file));
    disk.syncFolder(dir);
    if (!isNoted) this.note();
  }
}

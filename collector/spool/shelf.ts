import type { StoredBatch } from "./api.ts";
import type { Found } from "../journal/index.ts";

export type BlockState = "pending" | "sent" | "aside";

/** One record of a segment. */
export interface Block extends Found {
  segment: Segment;
  state: BlockState;
  sentAtMs: number;
  /** What was just appended, kept so that it need not be read again to be sent. */
  live?: StoredBatch[];
}

/** One file: raw as it was committed, or compacted from the raw files of these numbers. */
export interface Segment {
  file: string;
  first: number;
  last: number;
  bytes: number;
  blocks: Block[];
  pending: number;
}

/** All segments and blocks, in memory, so that nobody has to look at a file to know what is there. */
export class Shelf {
  readonly segments: Segment[] = [];
  readonly byId = new Map<number, Block>();
  bytes = 0;
  pendingSamples = 0;
  asideBlocks = 0;
  /** Pending blocks, oldest first. */
  private readonly line: Block[] = [];

  get pendingBlocks(): number {
    return this.line.length;
  }

  addSegment(segment: Segment): void {
    const at = this.segments.findIndex((known) => known.first > segment.first);
    this.segments.splice(at === -1 ? this.segments.length : at, 0, segment);
    this.bytes += segment.bytes;
  }

  grow(segment: Segment, bytes: number): void {
    segment.bytes += bytes;
    this.bytes += bytes;
  }

  add(block: Block): void {
    block.segment.blocks.push(block);
    this.byId.set(block.id, block);
    this.count(block, 1);
  }

  move(block: Block, state: BlockState, sentAtMs = 0): void {
    this.count(block, -1);
    block.state = state;
    block.sentAtMs = sentAtMs;
    if (state !== "pending") delete block.live;
    this.count(block, 1);
  }

  remove(block: Block): void {
    this.count(block, -1);
    this.byId.delete(block.id);
    const at = block.segment.blocks.indexOf(block);
    if (at !== -1) block.segment.blocks.splice(at, 1);
  }

  removeSegment(segment: Segment): void {
    for (const block of segment.blocks) {
      this.count(block, -1);
      if (this.byId.get(block.id) === block) this.byId.delete(block.id);
    }
    const at = this.segments.indexOf(segment);
    if (at !== -1) this.segments.splice(at, 1);
    this.bytes -= segment.bytes;
  }

  newestSentAtMs(): number {
    let newest = 0;
    for (const { sentAtMs } of this.byId.values()) newest = Math.max(newest, sentAtMs);
    return newest;
  }

  /** Newest first. */
  *pendingNewestFirst(): Generator<Block> {
    for (let at = this.line.length - 1; at >= 0; at -= 1) yield this.line[at] as Block;
  }

  private count(block: Block, sign: 1 | -1): void {
    if (block.state === "aside") this.asideBlocks += sign;
    if (block.state !== "pending") return;
    this.pendingSamples += sign * block.samples;
    block.segment.pending += sign;
    const at = this.placeOf(block);
    if (sign === 1) this.line.splice(at, 0, block);
    else this.line.splice(at, 1);
  }

  /** Where it stands in the line, or belongs. */
  private placeOf(block: Block): number {
    let low = 0;
    let high = this.line.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.line[middle] as Block;
      if (other.rank < block.rank || (other.rank === block.rank && other.id < block.id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

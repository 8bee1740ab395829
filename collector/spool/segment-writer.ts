import { ActiveSegment } from "./active-segment.ts";
import { samplesOf, spanOf } from "./coding.ts";
import { type Disk, RecordRoom } from "../journal/index.ts";
import type { Ledger } from "./ledger.ts";
import type { Names } from "./names.ts";
import { type CodedBatch, rawPayload } from "./raw.ts";
import { sealOf } from "./recover.ts";
import type { Block, Segment, Shelf } from "./shelf.ts";

const LIVE_SAMPLES_MAX = 131_072;

export interface Syncable {
  sync(): Promise<void>;
  syncNow(): void;
}

/** On its way: on the shelf once the files are synced. */
export interface Written {
  block: Block;
  files: Syncable[];
  active: ActiveSegment;
  bytesBefore: number;
  batches: CodedBatch[];
}

export interface SegmentWriterOptions {
  disk: Disk;
  dir: string;
  shelf: Shelf;
  names: Names;
  ledger: Ledger;
  segmentBytesMax: number;
  nextSegment: number;
}

/** Puts each bucket into the raw segment in use, names first, and begins a new one when that is full. */
export class SegmentWriter {
  private readonly options: SegmentWriterOptions;
  private readonly room = new RecordRoom();
  private readonly live: Block[] = [];
  private liveSamples = 0;
  private nextSegment: number;
  private active: ActiveSegment | undefined;

  constructor(options: SegmentWriterOptions) {
    this.options = options;
    this.nextSegment = options.nextSegment;
  }

  get segment(): Segment | undefined {
    return this.active?.segment;
  }

  write(batches: CodedBatch[]): Written {
    const { names, ledger, segmentBytesMax } = this.options;
    const files: Syncable[] = names.save(batches.map(({ layout }) => layout));
    if (this.active && this.active.segment.bytes >= segmentBytesMax) this.seal();
    this.active ??= this.begin();
    const { active } = this;
    const id = ledger.nextId;
    ledger.nextId += 1;
    const bytesBefore = active.segment.bytes;
    const meta = { kind: "raw", id, rank: id, samples: samplesOf(batches), ...spanOf(batches) } as const;
    const block = active.write(meta, this.room.encode(meta, rawPayload(batches)));
    return { block, files: [...files, active], active, bytesBefore, batches };
  }

  /** It is on disk. What is newest is also kept in memory, for it is sent next. */
  keep({ block, batches }: Written): void {
    const { names, shelf } = this.options;
    block.live = batches.flatMap(({ layout, takenAtMs, values }) => {
      const series = names.find(layout);
      return series ? [{ takenAtMs, series, values }] : [];
    });
    shelf.add(block);
    this.live.push(block);
    this.liveSamples += block.samples;
    while (this.liveSamples > LIVE_SAMPLES_MAX) {
      const oldest = this.live.shift();
      if (!oldest) break;
      delete oldest.live;
      this.liveSamples -= oldest.samples;
    }
  }

  /** After a failed sync the file is left behind: the disk may have dropped what it had not written. */
  undo({ active, bytesBefore, batches }: Written): void {
    this.options.names.forgetPlaces(batches.map(({ layout }) => layout));
    active.cutTo(bytesBefore);
    if (this.active === active) this.seal();
  }

  /** From now on it is known what the file must hold. */
  seal(): void {
    const { active } = this;
    if (!active) return;
    this.active = undefined;
    active.close();
    if (active.segment.blocks.length > 0) this.options.ledger.add({ t: "sealed", sealed: sealOf(active.segment) });
  }

  private begin(): ActiveSegment {
    const { disk, dir, shelf } = this.options;
    const begun = new ActiveSegment({ disk, dir, number: this.nextSegment, shelf });
    this.nextSegment += 1;
    return begun;
  }
}

import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { encodeCompact, type Section } from "./compact-block.ts";
import {
  type Disk,
  type DiskFile,
  encodeRecord,
  HEADER_BYTES,
  payloadCrcOf,
  readPayload,
  type RecordMeta,
} from "../journal/index.ts";
import { type BatchPlace, placesOf, valuesAt } from "./raw.ts";
import { compactName } from "./segment-name.ts";
import type { Block, Segment } from "./shelf.ts";

/** One block is what the store is sent at once, and what a damaged byte costs. */
const BLOCK_SAMPLES_MAX = 16_384;
const SLICE_MS = 10;

export interface Compaction {
  disk: Disk;
  dir: string;
  clock: Clock;
  inputs: Segment[];
  nextId: () => number;
  /** Records whose payload is damaged. They are told and left out. */
  onDamaged: (block: Block) => void;
  isClosed: () => boolean;
}

interface Place extends BatchPlace {
  file: DiskFile;
  rank: number;
}

/**
 * Rewrites the pending records of raw segments as columns, one layout after another, in a new file that is whole and
 * synced before it gets its name. Gives nothing when it was closed under way. Works in slices: polls go on meanwhile.
 */
export async function compact(options: Compaction): Promise<Segment | undefined> {
  const { disk, dir, inputs } = options;
  const file = compactName(inputs[0]?.first ?? 0, inputs.at(-1)?.last ?? 0);
  const first = inputs[0]?.first ?? 0;
  const last = inputs.at(-1)?.last ?? 0;
  const segment: Segment = { file, first, last, bytes: 0, blocks: [], pending: 0 };
  const target = disk.open(join(dir, `${file}.new`));
  const sources = inputs.map((input) => ({ input, file: disk.open(join(dir, input.file)) }));
  const writer = new Writer(target, segment, options.nextId);
  let isWhole = false;
  try {
    target.truncate(0);
    let sliceEnd = options.clock.monotonicMs() + SLICE_MS;
    const breathe = async (): Promise<boolean> => {
      if (options.clock.monotonicMs() >= sliceEnd) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnd = options.clock.monotonicMs() + SLICE_MS;
      }
      return options.isClosed();
    };
    const byLayout = new Map<string, Place[]>();
    for (const source of sources) {
      for (const block of source.input.blocks.filter((one) => one.state !== "sent")) {
        gather(byLayout, block, source.file, { writer, onDamaged: options.onDamaged });
        if (await breathe()) return undefined;
      }
    }
    for (const [layout, places] of byLayout) {
      for (const part of inParts(places)) writer.add(layout, part);
      if (await breathe()) return undefined;
    }
    writer.finish();
    await target.sync();
    isWhole = !options.isClosed();
    return isWhole ? segment : undefined;
  } finally {
    target.close();
    for (const source of sources) source.file.close();
    // What a full disk kept from being finished must not fill it further.
    if (!isWhole) disk.remove(join(dir, `${file}.new`));
  }
}

function gather(
  byLayout: Map<string, Place[]>,
  block: Block,
  file: DiskFile,
  to: { writer: Writer; onDamaged: (block: Block) => void },
): void {
  const payload = readPayload(file, block);
  if (payload && (block.kind === "compact" || block.state === "aside")) return to.writer.copy(block, payload);
  const places = payload && placesOf(payload);
  if (!places) return to.onDamaged(block);
  for (const place of places) {
    const known = byLayout.get(place.layout);
    const found = { ...place, offset: block.offset + HEADER_BYTES + place.offset, file, rank: block.rank };
    if (known) known.push(found);
    else byLayout.set(place.layout, [found]);
  }
}

/** Polls of one layout that fit one block. */
function inParts(places: Place[]): Place[][] {
  const perPoll = Math.max(1, places[0]?.samples ?? 1);
  const polls = Math.max(1, Math.floor(BLOCK_SAMPLES_MAX / perPoll));
  const parts: Place[][] = [];
  for (let at = 0; at < places.length; at += polls) parts.push(places.slice(at, at + polls));
  return parts;
}

class Writer {
  private readonly target: DiskFile;
  private readonly segment: Segment;
  private readonly nextId: () => number;
  private sections: Section[] = [];
  private samples = 0;
  private rank = 0;

  constructor(target: DiskFile, segment: Segment, nextId: () => number) {
    this.target = target;
    this.segment = segment;
    this.nextId = nextId;
  }

  add(layout: string, places: Place[]): void {
    const samples = places.reduce((sum, place) => sum + place.samples, 0);
    if (this.samples > 0 && this.samples + samples > BLOCK_SAMPLES_MAX) this.finish();
    const polls = places.map((place) => {
      const bytes = place.file.read(place.offset, 8 * place.samples);
      return valuesAt(bytes, { offset: 0, samples: place.samples });
    });
    this.sections.push({ layout, times: places.map(({ takenAtMs }) => takenAtMs), polls });
    this.samples += samples;
    for (const { rank } of places) this.rank = Math.max(this.rank, rank);
  }

  finish(): void {
    if (this.samples === 0) return;
    const times = this.sections.flatMap((section) => section.times);
    const meta: RecordMeta = {
      kind: "compact",
      id: this.nextId(),
      rank: this.rank,
      samples: this.samples,
      fromMs: times.reduce((least, time) => Math.min(least, time), Number.MAX_SAFE_INTEGER),
      toMs: times.reduce((most, time) => Math.max(most, time), 0),
    };
    this.write(meta, encodeCompact(this.sections), "pending");
    this.sections = [];
    this.samples = 0;
    this.rank = 0;
  }

  /** A record that stays what it is keeps its number: the ledger knows it by that. */
  copy({ kind, id, rank, samples, fromMs, toMs, state }: Block, payload: Uint8Array): void {
    this.write({ kind, id, rank, samples, fromMs, toMs }, payload, state);
  }

  private write(meta: RecordMeta, payload: Uint8Array, state: Block["state"]): void {
    const record = encodeRecord(meta, payload);
    const offset = this.segment.bytes;
    this.target.write(offset, record);
    const payloadCrc = payloadCrcOf(record);
    const block = { ...meta, offset, bytes: record.length, payloadCrc, segment: this.segment, state, sentAtMs: 0 };
    this.segment.blocks.push(block);
    this.segment.bytes += record.length;
  }
}

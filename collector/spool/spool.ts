import { join } from "node:path";
import type { SampleBatch } from "../sample/sample.ts";
import type { QuarantinedBlock, Spool, SpoolOptions, SpoolPending, StoredBatch, TakenBlock } from "./api.ts";
import { samplesOf } from "./coding.ts";
import { type Disk, GroupCommit, type Staged, systemDisk } from "../journal/index.ts";
import { Housekeeping } from "./housekeeping.ts";
import { Ledger } from "./ledger.ts";
import { Losses } from "./losses.ts";
import { type Layout, Names } from "./names.ts";
import type { CodedBatch } from "./raw.ts";
import { readBlock } from "./read-block.ts";
import { recover } from "./recover.ts";
import { SegmentWriter, type Syncable, type Written } from "./segment-writer.ts";
import type { Block, Shelf } from "./shelf.ts";
import { createGapTeller, type GapTeller } from "./tell-gaps.ts";

const BUCKET_MS = 250;
const BUCKET_SAMPLES_MAX = 16_384;
const SERIES_MAX = 20_000_000;
const RESEND_WINDOW_MS = 300_000;
/** More than a store holds in memory before it writes. */
const STORE_UNWRITTEN_MS = 60_000;
const REASON_CHARS_MAX = 500;
const NAMES_KEPT_MS = 60_000;
const SEGMENT_BYTES_MAX = 1_048_576;
const SEGMENT_BYTES_MIN = 16_384;
/** One file is what is given up at once: a small part of the budget. */
const SEGMENTS_A_BUDGET = 32;

interface Append {
  kind: "append";
  batch: SampleBatch;
}

type Change =
  | Append
  | { kind: "ack"; ids: number[] }
  | { kind: "quarantine"; id: number; reason: string }
  | { kind: "replay"; ids: readonly number[] }
  | { kind: "store"; startS: number }
  | { kind: "requeue"; fromMs: number; toMs: number };

const BACK_IN_LINE: ReadonlySet<Change["kind"]> = new Set(["requeue", "store", "replay"] as const);
/** Of these the ledger must not lose anything; what was sent may be sent twice. */
const SYNCED: ReadonlySet<Change["kind"]> = new Set(["quarantine", "store", "replay"] as const);

/** Opens or makes the folder. Throws when it cannot be written or another process holds it; damage never stops it. */
export function openSpool(options: SpoolOptions): Spool {
  const disk = options.disk ?? systemDisk;
  disk.makeFolder(options.dir);
  const unlock = disk.lock(options.dir);
  try {
    return new FileSpool(options, disk, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

class FileSpool implements Spool {
  private readonly options: SpoolOptions;
  private readonly disk: Disk;
  private readonly unlock: () => void;
  private readonly names: Names;
  private readonly ledger: Ledger;
  private readonly shelf: Shelf;
  private readonly writer: SegmentWriter;
  private readonly losses: Losses;
  private readonly house: Housekeeping;
  private readonly gaps: GapTeller;
  private readonly commit: GroupCommit<Change>;
  private readonly taken = new Set<number>();
  private readonly listeners = new Set<() => void>();
  private namesKeptAtMs = Number.NEGATIVE_INFINITY;
  /** When the store last showed itself as the one it was. Undefined in a new life: then the newest delivery tells it. */
  private storeMetAtMs: number | undefined;
  private deliveredAtMs: number;
  private isClosed = false;

  constructor(options: SpoolOptions, disk: Disk, unlock: () => void) {
    this.options = options;
    this.disk = disk;
    this.unlock = unlock;
    const { dir, bytesMax, clock, log } = options;
    for (const file of disk.list(dir).filter((name) => name.endsWith(".new"))) disk.remove(join(dir, file));
    this.names = new Names({ disk, dir, seriesMax: options.seriesMax ?? SERIES_MAX });
    const ledger = new Ledger({ disk, dir });
    this.ledger = ledger;
    const { shelf, nextSegment, losses } = recover({ disk, dir, ledger, nowMs: clock.nowMs() });
    this.shelf = shelf;
    this.deliveredAtMs = shelf.newestSentAtMs();
    const share = Math.floor(bytesMax / SEGMENTS_A_BUDGET);
    const segmentBytesMax = Math.min(SEGMENT_BYTES_MAX, Math.max(SEGMENT_BYTES_MIN, share));
    this.writer = new SegmentWriter({ disk, dir, shelf, names: this.names, ledger, segmentBytesMax, nextSegment });
    this.losses = new Losses({ dir, ledger, log });
    this.losses.foundAtStart(losses);
    this.losses.besideSamples(this.names, clock.nowMs());
    this.gaps = createGapTeller({ ledger, onGap: options.onGap, log });
    this.house = new Housekeeping({
      disk,
      dir,
      shelf,
      ledger,
      clock,
      log,
      bytesMax,
      freeBytesMin: options.freeBytesMin ?? 0,
      segmentBytesMax,
      resendWindowMs: options.resendWindowMs ?? RESEND_WINDOW_MS,
      storeKnownAtMs: () => this.storeKnownAtMs,
      active: () => this.writer.segment,
      isTaken: (block) => this.taken.has(block.id),
      onDamaged: (block) => this.dropDamaged(block),
    });
    this.commit = new GroupCommit<Change>({
      bucketMs: options.bucketMs ?? BUCKET_MS,
      weightMax: BUCKET_SAMPLES_MAX,
      stage: (changes) => this.stage(changes),
    });
    this.attempt(() => this.house.tidy(), "the spool could not be tidied");
    if (shelf.segments.length === 0) this.names.clear();
    this.attempt(() => ledger.commit()?.syncNow(), "what was found at the start could not be written");
    this.gaps.schedule();
  }

  private get storeKnownAtMs(): number {
    return this.storeMetAtMs ?? this.deliveredAtMs;
  }

  append(batch: SampleBatch): Promise<void> {
    const { series, values, device } = batch;
    if (series.length !== values.length) {
      return Promise.reject(new Error(`batch of ${device}: ${series.length} series, ${values.length} values`));
    }
    if (values.length === 0) return Promise.resolve();
    return this.commit.add({ kind: "append", batch }, values.length);
  }

  take(samplesMax: number): TakenBlock[] {
    const found: TakenBlock[] = [];
    const unreadable: Block[] = [];
    let samples = 0;
    for (const block of this.shelf.pendingNewestFirst()) {
      if (this.taken.has(block.id) || this.house.isClaimed(block.segment)) continue;
      if (found.length > 0 && samples + block.samples > samplesMax) break;
      const batches = block.live ?? this.read(block);
      if (!batches) {
        unreadable.push(block);
        continue;
      }
      this.taken.add(block.id);
      found.push({ id: block.id, samples: block.samples, batches });
      samples += block.samples;
      if (samples >= samplesMax) break;
    }
    for (const block of unreadable) this.dropDamaged(block);
    return found;
  }

  ack(ids: number[]): Promise<void> {
    return this.commit.add({ kind: "ack", ids }, 1);
  }

  release(ids: number[]): void {
    for (const id of ids) this.taken.delete(id);
  }

  quarantine(id: number, reason: string): Promise<void> {
    return this.commit.add({ kind: "quarantine", id, reason }, 1);
  }

  quarantined(): QuarantinedBlock[] {
    const aside = [...this.shelf.byId.values()].filter(({ state }) => state === "aside");
    return aside.map(({ id, samples, fromMs, toMs, bytes }) => {
      return { id, samples, fromMs, toMs, bytes, reason: this.ledger.aside.get(id) ?? "" };
    });
  }

  async replay(ids: readonly number[]): Promise<number> {
    const known = this.quarantined().filter(({ id }) => ids.includes(id));
    await this.commit.add({ kind: "replay", ids: known.map(({ id }) => id) }, 1);
    return known.length;
  }

  meetStore(startS: number): Promise<void> {
    if (startS !== this.ledger.storeStartS) return this.commit.add({ kind: "store", startS }, 1);
    this.storeMetAtMs = this.options.clock.nowMs();
    return Promise.resolve();
  }

  requeueSent(span: { fromMs: number; toMs: number }): Promise<void> {
    return this.commit.add({ kind: "requeue", ...span }, 1);
  }

  pending(): SpoolPending {
    const { pendingBlocks, pendingSamples, bytes, asideBlocks } = this.shelf;
    return { blocks: pendingBlocks, samples: pendingSamples, bytes, quarantinedBlocks: asideBlocks };
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    if (this.isClosed) return;
    this.house.close();
    this.commit.flushNow();
    this.isClosed = true;
    this.gaps.close();
    this.writer.seal();
    this.attempt(() => this.ledger.commit()?.syncNow(), "the ledger could not be written");
    this.names.close();
    this.ledger.close();
    this.unlock();
  }

  private stage(changes: Change[]): Staged<Change> {
    const nowMs = this.options.clock.nowMs();
    const appends = changes.filter((change) => change.kind === "append");
    const files = new Set<Syncable>();
    for (const change of changes) if (change.kind !== "append") this.apply(change, nowMs);
    let written: Written | undefined;
    let failure: unknown;
    try {
      written = this.write(appends);
      for (const file of written?.files ?? []) files.add(file);
    } catch (error) {
      failure = error;
    }
    this.attempt(() => {
      const ledger = this.ledger.commit();
      if (ledger && changes.some(({ kind }) => SYNCED.has(kind))) files.add(ledger);
    }, "deliveries could not be noted and may be sent twice");
    return {
      sync: async () => void (await Promise.all(Array.from(files, (file) => file.sync()))),
      syncNow: () => files.forEach((file) => file.syncNow()),
      settle: (syncError) => this.settle({ changes, appends, written, failure: failure ?? syncError }),
    };
  }

  private write(appends: Append[]): Written | undefined {
    if (appends.length === 0) return undefined;
    const refusal = this.house.refusal();
    if (refusal !== undefined) throw new Error(refusal);
    const batches = appends.flatMap(({ batch }) => this.code(batch) ?? []);
    return batches.length === 0 ? undefined : this.writer.write(batches);
  }

  private code(batch: SampleBatch): CodedBatch | undefined {
    const layout = this.layoutOf(batch);
    if (layout) return { layout: layout.digest, takenAtMs: batch.takenAtMs, values: batch.values };
    this.losses.noRoomForNames(batch);
    return undefined;
  }

  private layoutOf({ device, series }: SampleBatch): Layout | undefined {
    const layout = this.names.layoutOf(device, series);
    const nowMs = this.options.clock.monotonicMs();
    const mayForget = this.shelf.pendingBlocks === 0 && nowMs - this.namesKeptAtMs >= NAMES_KEPT_MS;
    if (layout || !mayForget) return layout;
    this.namesKeptAtMs = nowMs;
    this.names.keepRecent();
    return this.names.layoutOf(device, series);
  }

  private settle(outcome: {
    changes: Change[];
    appends: Append[];
    written: Written | undefined;
    failure: unknown;
  }): Map<Change, unknown> {
    const { changes, appends, written, failure } = outcome;
    const failed = new Map<Change, unknown>();
    if (failure === undefined) {
      if (written) this.writer.keep(written);
    } else {
      if (written) this.attempt(() => this.writer.undo(written), `${written.active.segment.file} could not be cut`);
      for (const append of appends) failed.set(append, failure);
      this.losses.unwritten(
        appends.map(({ batch }) => batch),
        failure,
      );
    }
    if (this.isClosed) return failed;
    this.attempt(() => this.house.tidy(), "the spool could not be tidied");
    this.gaps.schedule();
    if (written || changes.some(({ kind }) => BACK_IN_LINE.has(kind))) for (const tell of this.listeners) tell();
    return failed;
  }

  private apply(change: Exclude<Change, { kind: "append" }>, nowMs: number): void {
    switch (change.kind) {
      case "ack": {
        const blocks = change.ids.flatMap((id) => this.shelf.byId.get(id) ?? []);
        for (const block of blocks) this.shelf.move(block, "sent", nowMs);
        if (blocks.length > 0) this.deliveredAtMs = nowMs;
        this.release(change.ids);
        this.ledger.add({ t: "sent", ids: blocks.map((block) => block.id), atMs: nowMs });
        return;
      }
      case "quarantine": {
        const block = this.shelf.byId.get(change.id);
        this.taken.delete(change.id);
        if (block?.state !== "pending") return;
        this.shelf.move(block, "aside");
        this.ledger.add({ t: "aside", ids: [block.id], reason: change.reason.slice(0, REASON_CHARS_MAX) });
        const { fromMs, toMs, samples } = block;
        this.ledger.addGap({ reason: "rejected", detail: change.reason, fromMs, toMs, samples });
        return;
      }
      case "replay":
        this.putBack(
          change.ids.flatMap((id) => this.shelf.byId.get(id) ?? []).filter(({ state }) => state === "aside"),
        );
        return;
      case "store":
        this.meet(change.startS, nowMs);
        return;
      case "requeue":
        this.requeue(change);
    }
  }

  /** An earlier start than the one known is that of another process of the same store. */
  private meet(startS: number, nowMs: number): void {
    const known = this.ledger.storeStartS;
    if (startS <= known) return;
    this.ledger.add({ t: "store", startS });
    const { storeKnownAtMs } = this;
    this.storeMetAtMs = nowMs;
    if (known === 0) return;
    const again = this.requeue({ fromMs: storeKnownAtMs - STORE_UNWRITTEN_MS, toMs: Number.MAX_SAFE_INTEGER });
    this.options.log.warn({ blocks: again }, "the metrics store was started anew; what it got last is sent again");
  }

  private requeue({ fromMs, toMs }: { fromMs: number; toMs: number }): number {
    const within = [...this.shelf.byId.values()].filter(
      ({ state, sentAtMs, segment }) =>
        state === "sent" && sentAtMs >= fromMs && sentAtMs <= toMs && !this.house.isClaimed(segment),
    );
    this.putBack(within);
    return within.length;
  }

  private putBack(blocks: readonly Block[]): void {
    for (const block of blocks) this.shelf.move(block, "pending");
    this.ledger.add({ t: "back", ids: blocks.map((block) => block.id) });
  }

  private read(block: Block): StoredBatch[] | undefined {
    const batches = readBlock(this.disk, this.options.dir, block);
    if (!batches) return undefined;
    const named = batches.flatMap(({ layout, takenAtMs, values }) => {
      const series = this.names.find(layout);
      return series?.length === values.length ? [{ takenAtMs, series, values }] : [];
    });
    const samples = samplesOf(batches) - samplesOf(named);
    if (samples > 0) this.losses.unnamed(block, samples);
    return named;
  }

  private dropDamaged(block: Block): void {
    this.shelf.remove(block);
    this.losses.damaged(block);
    this.attempt(() => this.ledger.commit()?.syncNow(), "a loss could not be noted");
    this.gaps.schedule();
  }

  private attempt(work: () => void, failure: string): void {
    try {
      work();
    } catch (error) {
      this.options.log.warn({ err: error }, `${this.options.dir}: ${failure}; it is tried again`);
    }
  }
}

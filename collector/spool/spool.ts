import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { createGroupCommit, type GroupCommit, isDamage, openJournal } from "../journal/index.ts";
import type { SampleBatch } from "../sample/sample.ts";
import type { Spool, SpoolOptions, SpoolPending, TakenBlock } from "./api.ts";
import { type CodedBatch, type Decoded, decodeBlock, type StoredBatch } from "./block.ts";
import { type BlockRow, Blocks } from "./blocks.ts";
import { code, name, samplesOf, spanOf } from "./coding.ts";
import { type Dictionary, openDictionary } from "./dictionary.ts";
import { type Gap, type GapLedger, openGapLedger } from "./gap.ts";
import { PENDING, QUARANTINED, SENT, SPOOL_SCHEMA } from "./schema.ts";
import { readTotals, type Totals } from "./totals.ts";

const BUCKET_MS = 150;
const BUCKET_SAMPLES_MAX = 16_384;
const SERIES_MAX = 1_000_000;
/** A store that crashes loses its last seconds; what was sent within this time can be sent again. */
const SENT_KEPT_MS = 60_000;
const SENT_DROPPED_A_COMMIT = 512;
const TAKE_ROWS_MAX = 256;
const FREE_PAGES_KEPT = 16_384;
const VACUUM_PAGES_A_COMMIT = 512;

type Change =
  | { kind: "append"; batch: SampleBatch }
  | { kind: "ack"; ids: number[] }
  | { kind: "quarantine"; id: number; reason: string }
  | { kind: "requeue"; fromMs: number; toMs: number };

/** Opens or makes `<dir>/spool.sqlite`. Throws when it cannot be written or another process holds it. */
export function openSpool(options: SpoolOptions): Spool {
  return new FileSpool(options);
}

class FileSpool implements Spool {
  private readonly options: SpoolOptions;
  private readonly path: string;
  private readonly db: Database;
  private readonly totals: Totals;
  private readonly dictionary: Dictionary;
  private readonly gaps: GapLedger;
  private readonly blocks: Blocks;
  private readonly commit: GroupCommit<Change>;
  private readonly taken = new Set<number>();
  private readonly damaged = new Set<number>();
  private readonly listeners = new Set<() => void>();
  private beforeCommit: Totals;
  /** Samples of commits that failed, told with the next one that works. */
  private unwritten: Omit<Gap, "id"> | undefined;

  constructor(options: SpoolOptions) {
    this.options = options;
    this.path = join(options.dir, "spool.sqlite");
    const { clock, log } = options;
    const { db, setAside } = openJournal({
      path: this.path,
      schema: SPOOL_SCHEMA,
      probe(db) {
        readTotals(db);
        db.query("select max(id), max(crc) from series").get();
        return true;
      },
      nowMs: clock.nowMs(),
    });
    this.db = db;
    this.totals = readTotals(db);
    if (this.totals.pendingBlocks + this.totals.quarantinedBlocks === 0) {
      db.run("delete from block; delete from series");
      this.totals.bytes = 0;
    }
    this.beforeCommit = { ...this.totals };
    this.dictionary = openDictionary(db, options.seriesMax ?? SERIES_MAX);
    if (this.dictionary.damagedRows > 0) {
      log.error(`${this.path}: the names of ${this.dictionary.damagedRows} series are damaged; their samples are lost`);
    }
    this.gaps = openGapLedger({ db, onGap: options.onGap, log });
    if (setAside !== undefined) this.tellSetAside(setAside);
    this.blocks = new Blocks(db, this.totals, this.gaps);
    for (const id of this.blocks.lost()) this.taken.add(id);
    this.commit = createGroupCommit<Change>({
      db,
      bucketMs: options.bucketMs ?? BUCKET_MS,
      weightMax: BUCKET_SAMPLES_MAX,
      write: (changes) => this.write(changes),
      committed: (changes) => this.committed(changes),
      failed: (changes, error) => this.failed(changes, error),
    });
    this.gaps.schedule();
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
    let samples = 0;
    for (const row of this.blocks.newest(this.taken.size + TAKE_ROWS_MAX)) {
      if (this.taken.has(row.id)) continue;
      if (found.length > 0 && samples + row.samples > samplesMax) break;
      const batches = this.read(row);
      if (!batches) continue;
      this.taken.add(row.id);
      found.push({ id: row.id, samples: row.samples, batches });
      samples += row.samples;
    }
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

  requeueSent(span: { fromMs: number; toMs: number }): Promise<void> {
    return this.commit.add({ kind: "requeue", ...span }, 1);
  }

  pending(): SpoolPending {
    const { pendingBlocks, pendingSamples, bytes, quarantinedBlocks } = this.totals;
    return { blocks: pendingBlocks, samples: pendingSamples, bytes, quarantinedBlocks };
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.commit.flush();
    this.gaps.close();
    this.db.close();
  }

  private write(changes: Change[]): void {
    this.beforeCommit = { ...this.totals };
    this.dictionary.mark();
    const nowMs = this.options.clock.nowMs();
    const batches: CodedBatch[] = [];
    for (const change of changes) {
      if (change.kind === "append") batches.push(this.code(change.batch));
      else this.apply(change, nowMs);
    }
    if (this.unwritten) this.gaps.record(this.unwritten);
    if (samplesOf(batches) > 0) this.blocks.insert(batches);
    this.blocks.dropSent({
      beforeMs: nowMs - SENT_KEPT_MS,
      afterMs: nowMs + SENT_KEPT_MS,
      rowsMax: SENT_DROPPED_A_COMMIT,
    });
    this.blocks.makeRoom(this.options.bytesMax, (id) => this.taken.has(id));
  }

  private code(batch: SampleBatch): CodedBatch {
    const coded = code(batch, this.dictionary);
    const left = batch.values.length - coded.values.length;
    if (left > 0) {
      const detail = `the spool's series are used up, new ones of ${batch.device} are not kept; do labels change at each poll?`;
      this.gaps.record({ reason: "full", detail, ...spanOf([batch]), samples: left });
    }
    return coded;
  }

  private apply(change: Exclude<Change, { kind: "append" }>, nowMs: number): void {
    switch (change.kind) {
      case "ack":
        for (const id of change.ids) {
          const row = this.blocks.one(id);
          if (row?.state === PENDING) this.blocks.move(row, { state: SENT, sentAtMs: nowMs, reason: null });
        }
        return;
      case "quarantine": {
        const row = this.blocks.one(change.id);
        if (row?.state !== PENDING) return;
        this.blocks.move(row, { state: QUARANTINED, sentAtMs: null, reason: change.reason });
        this.gaps.record({ ...spanAndSamples(row), reason: "rejected", detail: change.reason });
        return;
      }
      case "requeue":
        this.blocks.requeueSent(change);
    }
  }

  private committed(changes: Change[]): void {
    this.unwritten = undefined;
    this.settle(changes);
    this.gaps.schedule();
    this.giveBackPages();
    if (changes.some((change) => change.kind === "append" || change.kind === "requeue")) {
      for (const listener of this.listeners) listener();
    }
  }

  /** After a backlog is drained the file shrinks again, a little with each commit. */
  private giveBackPages(): void {
    try {
      if (freePages(this.db) > FREE_PAGES_KEPT) this.db.run(`PRAGMA incremental_vacuum(${VACUUM_PAGES_A_COMMIT})`);
    } catch (error) {
      this.options.log.warn({ err: error }, `${this.path} could not be made smaller; it is tried again`);
    }
  }

  private failed(changes: Change[], error: unknown): void {
    Object.assign(this.totals, this.beforeCommit);
    this.dictionary.rollback();
    this.settle(changes);
    const lost = changes.flatMap((change) => (change.kind === "append" ? [change.batch] : []));
    if (lost.length === 0) return;
    const times = this.unwritten ? [{ takenAtMs: this.unwritten.fromMs }, { takenAtMs: this.unwritten.toMs }] : [];
    this.unwritten = {
      reason: "unwritable",
      detail: `${this.path} could not be written: ${String(error)}`,
      ...spanOf([...lost, ...times]),
      samples: samplesOf(lost) + (this.unwritten?.samples ?? 0),
    };
  }

  /** Blocks that were decided on are nobody's any more; after a failed commit they are in line again. */
  private settle(changes: Change[]): void {
    for (const change of changes) {
      if (change.kind === "ack") this.release(change.ids);
      else if (change.kind === "quarantine") this.taken.delete(change.id);
    }
  }

  private read(row: BlockRow): StoredBatch[] | undefined {
    const decoded = this.decode(row.id);
    if (decoded.kind === "damaged") {
      this.tellDamage(row, { reason: decoded.reason, samples: row.samples, drop: true });
      return undefined;
    }
    const batches = decoded.batches.map((batch) => name(batch, this.dictionary));
    const nameless = samplesOf(decoded.batches) - samplesOf(batches);
    if (nameless > 0 && !this.damaged.has(row.id)) {
      this.damaged.add(row.id);
      this.tellDamage(row, { reason: "names of series are damaged", samples: nameless, drop: false });
    }
    return batches;
  }

  private tellSetAside(setAside: string): void {
    const detail = `${this.path} could not be read and was set aside as ${setAside}; how many samples it held is not known`;
    this.options.log.error(`${detail}. A new spool is begun`);
    const nowMs = this.options.clock.nowMs();
    this.gaps.record({ reason: "damaged", detail, fromMs: nowMs, toMs: nowMs, samples: 0 });
  }

  private decode(id: number): Decoded {
    try {
      return decodeBlock(this.blocks.data(id) ?? new Uint8Array());
    } catch (error) {
      if (isDamage(error)) return { kind: "damaged", reason: String(error) };
      throw error;
    }
  }

  private tellDamage(row: BlockRow, damage: { reason: string; samples: number; drop: boolean }): void {
    const detail = `block ${row.id} of ${this.path}: ${damage.reason}`;
    this.options.log.error(`${detail}; ${damage.samples} samples are lost, the other blocks are not touched`);
    const gap = { ...spanAndSamples(row), samples: damage.samples, reason: "damaged", detail } as const;
    const record = (forget: () => void): void =>
      this.db
        .transaction(() => {
          forget();
          this.gaps.record(gap);
        })
        .immediate();
    try {
      record(() => damage.drop && this.blocks.drop(row));
    } catch (error) {
      if (!isDamage(error)) throw error;
      // The row cannot even be deleted: it is remembered as lost and stays where it is.
      record(() => this.blocks.markLost(row.id));
      this.taken.add(row.id);
    }
    this.gaps.schedule();
  }
}

function spanAndSamples(row: BlockRow): Pick<Gap, "fromMs" | "toMs" | "samples"> {
  return { fromMs: row.fromMs, toMs: row.toMs, samples: row.samples };
}

function freePages(db: Database): number {
  return db.query<{ freelist_count: number }, []>("PRAGMA freelist_count").get()?.freelist_count ?? 0;
}

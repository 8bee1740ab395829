import type { Database } from "bun:sqlite";
import { type CodedBatch, encodeBlock } from "./block.ts";
import { samplesOf, spanOf } from "./coding.ts";
import type { GapLedger } from "./gap.ts";
import { PENDING, QUARANTINED, SENT } from "./schema.ts";
import type { Totals } from "./totals.ts";

/** What SQLite and the row itself cost beside the data. */
const ROW_BYTES = 160;
const ROWS_GIVEN_UP_A_STEP = 64;
const COLUMNS = "id, state, samples, bytes, first_ms as fromMs, last_ms as toMs";

export interface BlockRow {
  id: number;
  state: number;
  samples: number;
  bytes: number;
  fromMs: number;
  toMs: number;
}

/** The rows of the block table and the totals over them. Every change is made inside the caller's transaction. */
export class Blocks {
  private readonly totals: Totals;
  private readonly gaps: GapLedger;
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Database, totals: Totals, gaps: GapLedger) {
    this.totals = totals;
    this.gaps = gaps;
    this.statements = prepare(db);
  }

  newest(rowsMax: number): BlockRow[] {
    return this.statements.newest.all(rowsMax);
  }

  one(id: number): BlockRow | undefined {
    return this.statements.one.get(id) ?? undefined;
  }

  data(id: number): Uint8Array | undefined {
    return this.statements.data.get(id)?.data;
  }

  insert(batches: CodedBatch[]): void {
    const block = encodeBlock(batches);
    const samples = samplesOf(batches);
    const { fromMs, toMs } = spanOf(batches);
    const bytes = block.length + ROW_BYTES;
    this.statements.insert.run(samples, bytes, fromMs, toMs, block);
    this.count({ state: PENDING, samples }, 1);
    this.totals.bytes += bytes;
  }

  drop(row: BlockRow): void {
    this.statements.remove.run(row.id);
    this.count(row, -1);
    this.totals.bytes -= row.bytes;
  }

  /** For a row that damage keeps from being deleted. */
  markLost(id: number): void {
    this.statements.markLost.run(id);
  }

  lost(): number[] {
    return this.statements.lost.all().map((row) => row.id);
  }

  move(row: BlockRow, to: { state: number; sentAtMs: number | null; reason: string | null }): void {
    this.statements.setState.run(to.state, to.sentAtMs, to.reason, row.id);
    this.count(row, -1);
    this.count({ state: to.state, samples: row.samples }, 1);
  }

  /** Sent long enough ago that no store can have lost it; also what a stepped clock put into the future. */
  dropSent(range: { beforeMs: number; afterMs: number; rowsMax: number }): void {
    for (const row of this.statements.sentOutside.all(range.beforeMs, range.afterMs, range.rowsMax)) this.drop(row);
  }

  requeueSent(span: { fromMs: number; toMs: number }): void {
    for (const row of this.statements.sentWithin.all(span.fromMs, span.toMs)) {
      this.move(row, { state: PENDING, sentAtMs: null, reason: null });
    }
  }

  /** Gives up blocks until the budget is kept: first what is sent, then quarantined, then the oldest pending. */
  makeRoom(bytesMax: number, isTaken: (id: number) => boolean): void {
    for (const state of [SENT, QUARANTINED, PENDING]) {
      while (this.totals.bytes > bytesMax) {
        const oldest = this.statements.oldest.all(state, ROWS_GIVEN_UP_A_STEP).filter((row) => !isTaken(row.id));
        if (oldest.length === 0) break;
        this.giveUp(oldest, bytesMax);
      }
    }
  }

  private giveUp(rows: BlockRow[], bytesMax: number): void {
    for (const row of rows) {
      if (this.totals.bytes <= bytesMax) return;
      this.drop(row);
      if (row.state !== PENDING) continue;
      const { fromMs, toMs, samples } = row;
      this.gaps.record({ reason: "full", detail: `the spool's ${bytesMax} bytes are used`, fromMs, toMs, samples });
    }
  }

  private count(row: { state: number; samples: number }, sign: 1 | -1): void {
    if (row.state === PENDING) {
      this.totals.pendingBlocks += sign;
      this.totals.pendingSamples += sign * row.samples;
    } else if (row.state === QUARANTINED) {
      this.totals.quarantinedBlocks += sign;
    }
  }
}

function prepare(db: Database) {
  return {
    insert: db.query(
      `insert into block (state, samples, bytes, first_ms, last_ms, data) values (${PENDING}, ?, ?, ?, ?, ?)`,
    ),
    newest: db.query<BlockRow, [number]>(
      `select ${COLUMNS} from block where state = ${PENDING} order by id desc limit ?`,
    ),
    oldest: db.query<BlockRow, [number, number]>(`select ${COLUMNS} from block where state = ? order by id limit ?`),
    one: db.query<BlockRow, [number]>(`select ${COLUMNS} from block where id = ?`),
    data: db.query<{ data: Uint8Array }, [number]>("select data from block where id = ?"),
    setState: db.query("update block set state = ?, sent_at_ms = ?, reason = ? where id = ?"),
    markLost: db.query("insert or ignore into lost (block_id) values (?)"),
    lost: db.query<{ id: number }, []>("select block_id as id from lost"),
    remove: db.query("delete from block where id = ?"),
    sentOutside: db.query<BlockRow, [number, number, number]>(
      `select ${COLUMNS} from block where state = ${SENT} and (sent_at_ms < ? or sent_at_ms > ?) order by id limit ?`,
    ),
    sentWithin: db.query<BlockRow, [number, number]>(
      `select ${COLUMNS} from block where state = ${SENT} and sent_at_ms between ? and ?`,
    ),
  };
}

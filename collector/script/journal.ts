import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type ScriptOutput,
  ScriptOutputSchema,
  ScriptOutcome,
  type ScriptResult,
  ScriptResultSchema,
} from "@watchpost/proto";
import { NONCE_KEPT_MS } from "./limits.ts";
import { endOrphan } from "./orphan.ts";

const SCHEMA = `
create table if not exists runs (
  execution_id text primary key,
  nonce blob not null unique,
  expires_at_ms integer not null,
  started_at_ms integer,
  process text,
  result blob,
  acked integer not null default 0
) strict;
create table if not exists output (
  execution_id text not null references runs (execution_id) on delete cascade,
  position integer not null,
  chunk blob not null,
  primary key (execution_id, position)
) strict;`;

const DURATION_MS_MAX = 4_294_967_295;

/** By the wall clock, because it must survive a restart: a step of the clock may not make it negative or absurd. */
export function durationMs(startedMs: number, endedMs: number): number {
  return Math.min(Math.max(0, Math.round(endedMs - startedMs)), DURATION_MS_MAX);
}

/** What this collector accepted, on disk: the reason why no order runs twice and no result is lost. */
export interface Journal {
  isNonceKnown(nonce: Uint8Array): boolean;
  isKnown(executionId: string): boolean;
  /** Returns once the nonce is on disk. */
  accept(run: { executionId: string; nonce: Uint8Array; expiresAtMs: number }): void;
  started(executionId: string, atMs: number): void;
  /** Names the process of a run, so that the next start can end it should this one be killed. */
  runsAs(executionId: string, mark: string): void;
  addOutput(output: ScriptOutput): void;
  finish(result: ScriptResult): void;
  acked(executionId: string): void;
  pendingCount(): number;
  pendingResults(): ScriptResult[];
  /** Chunks of a run from an index on, read one by one. */
  outputOf(executionId: string, from: number): Iterable<ScriptOutput>;
  close(): void;
}

export function openJournal(options: { dir: string; nowMs: number }): Journal {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const db = new Database(join(options.dir, "scripts.sqlite"), { create: true, strict: true });
  db.run("pragma journal_mode = wal");
  db.run("pragma synchronous = full");
  db.run("pragma foreign_keys = on");
  db.run(SCHEMA);
  closeInterrupted(db, options.nowMs);
  db.query("delete from runs where acked = 1 and expires_at_ms < ?").run(options.nowMs - NONCE_KEPT_MS);
  return journalOn(db);
}

/** A run without a result was cut off by the end of the last process; what is left of it is ended. */
function closeInterrupted(db: Database, nowMs: number): void {
  const open = db
    .query<{ id: string; started: number | null; process: string | null; chunks: number }, []>(
      `select execution_id as id, started_at_ms as started, process,
         (select count(*) from output where output.execution_id = runs.execution_id) as chunks
       from runs where result is null`,
    )
    .all();
  for (const run of open) {
    if (run.process !== null) endOrphan(run.process);
    const result = create(ScriptResultSchema, {
      executionId: run.id,
      outcome: ScriptOutcome.INTERRUPTED,
      reason:
        run.started === null
          ? "The collector restarted before the script began; it did not run."
          : "The collector restarted while the script ran; how far it came is unknown.",
      chunks: run.chunks,
      durationMs: run.started === null ? 0 : durationMs(run.started, nowMs),
    });
    db.query("update runs set result = ? where execution_id = ?").run(toBinary(ScriptResultSchema, result), run.id);
  }
}

function journalOn(db: Database): Journal {
  return {
    isNonceKnown: (nonce) => db.query("select 1 from runs where nonce = ?").get(nonce) !== null,
    isKnown: (executionId) => db.query("select 1 from runs where execution_id = ?").get(executionId) !== null,
    accept(run) {
      db.query("insert into runs (execution_id, nonce, expires_at_ms) values (?, ?, ?)").run(
        run.executionId,
        run.nonce,
        run.expiresAtMs,
      );
    },
    started(executionId, atMs) {
      db.query("update runs set started_at_ms = ? where execution_id = ?").run(atMs, executionId);
    },
    runsAs(executionId, mark) {
      db.query("update runs set process = ? where execution_id = ?").run(mark, executionId);
    },
    addOutput(output) {
      db.query("insert into output (execution_id, position, chunk) values (?, ?, ?)").run(
        output.executionId,
        output.index,
        toBinary(ScriptOutputSchema, output),
      );
    },
    finish(result) {
      const bytes = toBinary(ScriptResultSchema, result);
      db.query("update runs set result = ? where execution_id = ? and result is null").run(bytes, result.executionId);
    },
    acked(executionId) {
      db.query("update runs set acked = 1 where execution_id = ? and result is not null").run(executionId);
      db.query("delete from output where execution_id in (select execution_id from runs where acked = 1)").run();
    },
    pendingCount() {
      const row = db.query<{ n: number }, []>("select count(*) as n from runs where acked = 0").get();
      return row?.n ?? 0;
    },
    pendingResults() {
      const rows = db
        .query<{ result: Uint8Array }, []>(
          "select result from runs where acked = 0 and result is not null order by rowid",
        )
        .all();
      return rows.map((row) => fromBinary(ScriptResultSchema, row.result));
    },
    *outputOf(executionId, from) {
      const chunks = db.query<{ chunk: Uint8Array }, [string, number]>(
        "select chunk from output where execution_id = ? and position >= ? order by position limit 1",
      );
      for (let row = chunks.get(executionId, from); row; row = chunks.get(executionId, from)) {
        const output = fromBinary(ScriptOutputSchema, row.chunk);
        yield output;
        from = output.index + 1;
      }
    },
    close: () => db.close(),
  };
}

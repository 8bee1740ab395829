import { Database, SQLiteError } from "bun:sqlite";
import { chmodSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

const WAL_PAGES_MAX = 1_000;
const WAL_BYTES_KEPT = 4_194_304;
const LOCK_WAIT_MS = 2_000;
/** SQLite's own words for "these bytes are no database". */
const DAMAGE_CODES = new Set(["SQLITE_NOTADB", "SQLITE_CORRUPT"]);

export interface Journal {
  db: Database;
  /** Where the old file went when it could not be read; undefined in the normal case. */
  setAside?: string;
}

export interface JournalOptions {
  path: string;
  /** Run at each opening; must be idempotent. */
  schema: string;
  /** Reads what must be readable to work with the file at all: false, or SQLite's own error, when it is not. */
  probe: (db: Database) => boolean;
  nowMs: number;
}

class UnreadableFile extends Error {}

/** Opens or makes the file, ready to write. */
export function openJournal(options: JournalOptions): Journal {
  mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
  try {
    return { db: open(options) };
  } catch (error) {
    if (!isDamage(error)) {
      throw new Error(`cannot open ${options.path}: ${String(error)}. Is the folder writable by this user?`, {
        cause: error,
      });
    }
    const setAside = `${options.path}.damaged-${options.nowMs}`;
    renameSync(options.path, setAside);
    for (const suffix of ["-wal", "-shm"]) rmSync(`${options.path}${suffix}`, { force: true });
    return { db: open(options), setAside };
  }
}

/** True when SQLite could not make sense of the file's bytes, as against a lock or a full disk. */
function isDamage(error: unknown): boolean {
  if (error instanceof UnreadableFile) return true;
  return error instanceof SQLiteError && DAMAGE_CODES.has((error.code ?? "").split("_").slice(0, 2).join("_"));
}

function open({ path, schema, probe }: JournalOptions): Database {
  const db = new Database(path, { create: true, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
    db.run("PRAGMA locking_mode = EXCLUSIVE");
    db.run("PRAGMA auto_vacuum = INCREMENTAL");
    db.run("PRAGMA journal_mode = WAL");
    db.run("PRAGMA synchronous = FULL");
    db.run(`PRAGMA wal_autocheckpoint = ${WAL_PAGES_MAX}`);
    db.run(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`);
    db.run(schema);
    if (!probe(db)) throw new UnreadableFile(`${path} does not hold together`);
    chmodSync(path, 0o600);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

import type { Database } from "bun:sqlite";
import { openJournal } from "./open.ts";

const isWhole = (db: Database): boolean => db.query("select * from kept").all().length >= 0;
const SCHEMA = "create table if not exists kept (key text primary key, value blob not null) without rowid";

/** One value a key on disk, for what is learnt again anyway: a row that cannot be read is left out. */
export interface KeptTable<V> {
  all(): Map<string, V>;
  put(key: string, value: V): void;
  remove(key: string): void;
  close(): void;
}

export interface KeptTableOptions {
  path: string;
  nowMs: number;
  /** Told what could not be read or written: what is on disk is then older than what is known. */
  onTrouble: (message: string) => void;
}

export interface Codec<V> {
  encode(value: V): Uint8Array;
  /** Undefined for bytes that are no such value. */
  decode(bytes: Uint8Array): V | undefined;
}

/** A commit here need not survive a power loss, and a full disk must not keep a reading from being judged. */
export function openKeptTable<V>(options: KeptTableOptions, codec: Codec<V>): KeptTable<V> {
  const { path, nowMs, onTrouble } = options;
  const { db, setAside } = openJournal({ path, schema: SCHEMA, probe: isWhole, nowMs });
  if (setAside !== undefined) onTrouble(`${path} was no readable database; it is set aside as ${setAside}`);
  db.run("pragma synchronous = normal");
  const put = db.query("insert or replace into kept (key, value) values (?, ?)");
  const remove = db.query("delete from kept where key = ?");
  function attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      onTrouble(`${path} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    all() {
      const rows = db.query<{ key: string; value: Uint8Array }, []>("select key, value from kept").all();
      const read = rows.map(({ key, value }) => [key, codec.decode(value)] as const);
      return new Map(read.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
    },
    put: (key, value) => attempt(() => put.run(key, codec.encode(value))),
    remove: (key) => attempt(() => remove.run(key)),
    close: () => db.close(),
  };
}

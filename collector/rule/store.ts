import type { Database } from "bun:sqlite";
import { openJournal } from "../journal/index.ts";
import { type DeviceMemory, newMemory, readMemory, writeMemory } from "./memory.ts";

const isWhole = (db: Database): boolean => db.query("select * from memory").all().length >= 0;
const SCHEMA = "create table if not exists memory (device text primary key, memory text not null) without rowid";

/** The durable part of every device's memory. */
export interface MemoryStore {
  all(): Map<string, DeviceMemory>;
  /** Written with what else was put since, in one transaction, before the next input is handled. */
  put(device: string, memory: DeviceMemory): void;
  remove(device: string): void;
  close(): void;
}

export interface MemoryStoreOptions {
  path: string;
  nowMs: number;
  /** Told what could not be read or written; what was not written is tried again with the next put. */
  onTrouble: (message: string) => void;
}

/**
 * Written after the events are durable in the outbox: a crash between the two repeats an event under the same
 * fingerprint, and never loses one.
 */
export function openMemoryStore({ path, nowMs, onTrouble }: MemoryStoreOptions): MemoryStore {
  const { db, setAside } = openJournal({ path, schema: SCHEMA, probe: isWhole, nowMs });
  if (setAside !== undefined) onTrouble(`${path} was no readable database; it is set aside as ${setAside}`);
  const insert = db.query("insert or replace into memory (device, memory) values (?, ?)");
  const remove = db.query("delete from memory where device = ?");
  const waiting = new Map<string, DeviceMemory | null>();
  const write = db.transaction(() => {
    for (const [device, memory] of waiting) {
      if (memory) insert.run(device, writeMemory(memory));
      else remove.run(device);
    }
  });

  let scheduled = false;

  function flush(): void {
    scheduled = false;
    if (waiting.size === 0) return;
    try {
      write.immediate();
      waiting.clear();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onTrouble(`${path}: what fires at ${waiting.size} devices could not be written: ${reason}`);
    }
  }

  function soon(device: string, memory: DeviceMemory | null): void {
    if (!scheduled) setImmediate(flush);
    scheduled = true;
    waiting.set(device, memory);
  }

  return {
    all() {
      const rows = db.query<{ device: string; memory: string }, []>("select device, memory from memory").all();
      return new Map(rows.map((row) => [row.device, readOne(row, onTrouble)]));
    },
    put: soon,
    remove: (device) => soon(device, null),
    close() {
      flush();
      db.close();
    },
  };
}

function readOne(row: { device: string; memory: string }, onTrouble: (message: string) => void): DeviceMemory {
  try {
    return readMemory(row.memory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    onTrouble(`what fired at ${row.device} cannot be read and starts anew: ${reason}`);
    return newMemory();
  }
}

import { Database } from "bun:sqlite";
import { type DeviceMemory, readMemory, writeMemory } from "./memory.ts";

/** The durable part of every device's memory. */
export interface MemoryStore {
  all(): Map<string, DeviceMemory>;
  put(device: string, memory: DeviceMemory): void;
  remove(device: string): void;
  close(): void;
}

/**
 * Written after the events are durable in the outbox: a crash between the two repeats an event under the same
 * fingerprint, and never loses one.
 */
export function openMemoryStore(file: string): MemoryStore {
  const db = new Database(file, { create: true, strict: true });
  db.run("pragma journal_mode = wal");
  db.run("create table if not exists memory (device text primary key, memory text not null) without rowid");
  const put = db.query("insert or replace into memory (device, memory) values ($device, $memory)");
  const remove = db.query("delete from memory where device = $device");
  return {
    all() {
      const rows = db.query<{ device: string; memory: string }, []>("select device, memory from memory").all();
      return new Map(rows.map((row) => [row.device, readMemory(row.memory)]));
    },
    put: (device, memory) => void put.run({ device, memory: writeMemory(memory) }),
    remove: (device) => void remove.run({ device }),
    close: () => db.close(),
  };
}

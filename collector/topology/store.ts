import { Database } from "bun:sqlite";
import { z } from "zod";
import type { DeviceFacts } from "./facts.ts";

const factsSchema = z.strictObject({
  systemName: z.string(),
  neighbours: z.array(
    z.strictObject({ localPort: z.string(), remoteSystem: z.string(), remotePort: z.string(), lastSeenMs: z.number() }),
  ),
});

/** Facts on disk, so that a collector that starts while the site is cut still knows who stands behind whom. */
export interface FactStore {
  all(): Map<string, DeviceFacts>;
  put(device: string, facts: DeviceFacts): void;
  remove(device: string): void;
  close(): void;
}

export function openFactStore(file: string): FactStore {
  const db = new Database(file, { create: true, strict: true });
  db.run("pragma journal_mode = wal");
  db.run("create table if not exists facts (device text primary key, facts text not null) without rowid");
  const put = db.query("insert or replace into facts (device, facts) values ($device, $facts)");
  const remove = db.query("delete from facts where device = $device");
  return {
    all() {
      const rows = db.query<{ device: string; facts: string }, []>("select device, facts from facts").all();
      return new Map(rows.map((row) => [row.device, factsSchema.parse(JSON.parse(row.facts))]));
    },
    put: (device, facts) => void put.run({ device, facts: JSON.stringify(facts) }),
    remove: (device) => void remove.run({ device }),
    close: () => db.close(),
  };
}

import type { Database } from "bun:sqlite";
import { z } from "zod";
import { openJournal } from "../journal/index.ts";
import type { DeviceFacts } from "./facts.ts";

const isWhole = (db: Database): boolean => db.query("select * from facts").all().length >= 0;
const SCHEMA = "create table if not exists facts (device text primary key, facts text not null) without rowid";

const factsSchema = z.strictObject({
  systemName: z.string(),
  neighbours: z.array(
    z.strictObject({ localPort: z.string(), remoteSystem: z.string(), remotePort: z.string(), lastSeenMs: z.number() }),
  ),
});

const factsText = z
  .string()
  .transform((text, issues): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      issues.addIssue(String(error));
      return z.NEVER;
    }
  })
  .pipe(factsSchema);

/** Facts on disk, so that a collector that starts while the site is cut still knows who stands behind whom. */
export interface FactStore {
  all(): Map<string, DeviceFacts>;
  put(device: string, facts: DeviceFacts): void;
  remove(device: string): void;
  close(): void;
}

export interface StoreOptions {
  path: string;
  nowMs: number;
  /** Told what could not be read or written: what is on disk is then older than what is known. */
  onTrouble: (message: string) => void;
}

/** Devices tell their neighbours again and again, so a row that cannot be read is simply learnt anew. */
export function openFactStore(options: StoreOptions): FactStore {
  const { path, nowMs, onTrouble } = options;
  const { db, setAside } = openJournal({ path, schema: SCHEMA, probe: isWhole, nowMs });
  if (setAside !== undefined) onTrouble(`${path} was no readable database; it is set aside as ${setAside}`);
  db.run("pragma synchronous = normal");
  const put = db.query("insert or replace into facts (device, facts) values (?, ?)");
  const remove = db.query("delete from facts where device = ?");
  /** A full disk must not keep a reading from being judged. */
  function attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      onTrouble(`${path} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    all() {
      const rows = db.query<{ device: string; facts: string }, []>("select device, facts from facts").all();
      const read = rows.map((row) => [row.device, factsText.safeParse(row.facts)] as const);
      return new Map(read.flatMap(([device, facts]) => (facts.success ? [[device, facts.data]] : [])));
    },
    put: (device, facts) => attempt(() => put.run(device, JSON.stringify(facts))),
    remove: (device) => attempt(() => remove.run(device)),
    close: () => db.close(),
  };
}

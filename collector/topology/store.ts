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

/** Devices tell their neighbours again and again, so a row that cannot be read is simply learnt anew. */
export function openFactStore(options: { path: string; nowMs: number }): FactStore {
  const { db } = openJournal({ path: options.path, schema: SCHEMA, probe: isWhole, nowMs: options.nowMs });
  db.run("pragma synchronous = normal");
  const put = db.query("insert or replace into facts (device, facts) values (?, ?)");
  const remove = db.query("delete from facts where device = ?");
  return {
    all() {
      const rows = db.query<{ device: string; facts: string }, []>("select device, facts from facts").all();
      const read = rows.map((row) => [row.device, factsText.safeParse(row.facts)] as const);
      return new Map(read.flatMap(([device, facts]) => (facts.success ? [[device, facts.data]] : [])));
    },
    put: (device, facts) => void put.run(device, JSON.stringify(facts)),
    remove: (device) => void remove.run(device),
    close: () => db.close(),
  };
}

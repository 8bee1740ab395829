import { createHash } from "node:crypto";
import postgres from "postgres";
import { makeEventPartitions } from "./event-partition.ts";
import init from "./migrations/0000_init.sql" with { type: "text" };

const MIGRATIONS: readonly { name: string; sql: string }[] = [{ name: "0000_init", sql: init }];
const LOCK_KEY = 7_305_801;

/** Brings the database to this version's schema and makes the coming months' event partitions. Safe to run from several hubs at once. */
export async function migrate(url: string): Promise<{ applied: string[] }> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${LOCK_KEY})`;
      await tx`create schema if not exists watchpost`;
      await tx`create table if not exists watchpost.migrations
               (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`;
      const pending = pendingAfter(await tx<Applied[]>`select name, sha256 from watchpost.migrations`);
      for (const { name, sql: text } of pending) {
        await tx.unsafe(text);
        await tx`insert into watchpost.migrations (name, sha256) values (${name}, ${sha256(text)})`;
      }
      await makeEventPartitions(tx, Date.now());
      return { applied: pending.map((m) => m.name) };
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

interface Applied {
  name: string;
  sha256: string;
}

/** What is still to do. Refuses a database of a newer version, and one whose migration had another text. */
function pendingAfter(applied: Applied[]): typeof MIGRATIONS {
  const unknown = applied.filter(({ name }) => !MIGRATIONS.some((m) => m.name === name)).map(({ name }) => name);
  if (unknown.length > 0) {
    throw new Error(
      `the database has migrations that this version does not know: ${unknown.join(", ")}. Start the newer version.`,
    );
  }
  const done = new Map(applied.map(({ name, sha256: hash }) => [name, hash]));
  const changed = MIGRATIONS.filter(({ name, sql }) => done.has(name) && done.get(name) !== sha256(sql));
  if (changed.length > 0) {
    throw new Error(
      `the database was made by a build whose migration ${changed[0]?.name} was different, so its tables do not fit. ` +
        "Start that build again, or begin with an empty database (another --data folder or DATABASE_URL).",
    );
  }
  return MIGRATIONS.filter(({ name }) => !done.has(name));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

import { afterAll, beforeAll, expect, test } from "bun:test";
import { collectorStreams, collectors, enrollmentTokens, sites, users } from "@watchpost/db/schema";
import { pino } from "pino";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import { runRetention } from "./run.ts";

const DAY_MS = 86_400_000;
const KEEP = { eventsMonths: 13, liveDays: 7 };

let database: TestDatabase;
let nowMs = Date.now();
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const secretHash = () => Buffer.from(Bun.randomUUIDv7());
const ago = (days: number) => new Date(nowMs - days * DAY_MS);
const run = () => {
  const { sql } = database;
  return runRetention({ sql, clock: { nowMs: () => nowMs }, log: pino({ level: "silent" }) }, KEEP);
};

async function siteWithCollector() {
  const { db } = database;
  const [site] = await db.insert(sites).values({ name: "harbor", title: "Harbor" }).returning();
  const siteId = site!.id;
  const row = { siteId, name: "c1", certificateSerial: "01", certificateNotAfter: ago(-90) };
  const [collector] = await db.insert(collectors).values(row).returning();
  const [user] = await db.insert(users).values({ email: "a@example.test", name: "A", role: "admin" }).returning();
  return { siteId, collectorId: collector!.id, userId: user!.id };
}

test("what is over goes after its time, in order of its dependencies, and what is in use stays", async () => {
  const { sql, db } = database;
  const { siteId, collectorId, userId } = await siteWithCollector();
  await sql`insert into shared.bus (topic, key, payload, created_at)
            select 'device', 'k', '{}', now() - interval '8 days' from generate_series(1, 4500)`;
  await sql`insert into shared.bus (topic, key, payload) values ('device', 'new', '{}')`;
  for (const [ended, expires] of [
    [ago(31), ago(-1)],
    [null, ago(31)],
    [ago(29), ago(-1)],
    [null, ago(-1)],
  ] as const) {
    await sql`insert into shared.user_sessions (id, user_id, secret_hash, expires_at, ended_at)
              values (${Bun.randomUUIDv7()}, ${userId}, ${secretHash()}, ${expires}, ${ended})`;
    await sql`insert into shared.api_tokens (id, name, user_id, role, secret_hash, expires_at, revoked_at)
              values (${Bun.randomUUIDv7()}, 'n', ${userId}, 'viewer', ${secretHash()}, ${expires}, ${ended})`;
    await db.insert(enrollmentTokens).values({ siteId, secretHash: secretHash(), expiresAt: expires, usedAt: ended });
  }
  await db.insert(collectorStreams).values([
    { collectorId, outboxEpoch: "first", createdAt: ago(300) },
    { collectorId, outboxEpoch: "second", createdAt: ago(60) },
    { collectorId, outboxEpoch: "third", createdAt: ago(1) },
  ]);
  const incidentId = Bun.randomUUIDv7();
  for (const [incident, days] of [
    [Bun.randomUUIDv7(), 500],
    [incidentId, 40],
    [incidentId, 39],
  ] as const) {
    const session = Bun.randomUUIDv7();
    await sql`insert into sre_assistant.sessions (id, incident_id, origin, status, started_at, finished_at)
              values (${session}, ${incident}, 'incident', 'finished', ${ago(days)}, ${ago(days)})`;
    await sql`insert into sre_assistant.evidence
              (id, session_id, tool, title, query, query_arguments, finding, result, collected_at, duration_ms)
              values (${Bun.randomUUIDv7()}, ${session}, 'metrics', 't', 'q', '{}', 'f', '{}', ${ago(days)}, 1)`;
  }

  expect((await run()).rows).toEqual({
    "live messages": 4_500,
    "ended sessions": 2,
    "ended API tokens": 2,
    "used or expired enrolment tokens": 2,
    "cursors of outboxes that were replaced": 1,
    "evidence of replaced analyses": 1,
    evidence: 1,
    analyses: 1,
  });
  expect((await sql`select key from shared.bus`).map((row) => row["key"])).toEqual(["new"]);
  const cursors = await sql`select outbox_epoch from control_plane.collector_streams order by created_at`;
  expect(cursors.map((row) => row["outbox_epoch"])).toEqual(["second", "third"]);
  expect((await run()).rows).toEqual({});
});

test("a hub that runs for a year makes its months ahead and drops those past their time", async () => {
  const startMs = nowMs;
  const made = new Set<string>();
  const dropped = new Set<string>();
  for (let month = 0; month < 18; month += 1) {
    nowMs = startMs + month * 31 * DAY_MS;
    const pruned = await run();
    for (const name of pruned.partitionsMade) made.add(name);
    for (const name of pruned.partitionsDropped) dropped.add(name);
  }
  expect(made.size).toBeGreaterThanOrEqual(17);
  expect(dropped.size).toBeGreaterThanOrEqual(4);
  nowMs = startMs;
});

test("while another hub is at it nothing is done, and a part that fails does not keep the others", async () => {
  const { sql } = database;
  await sql`insert into shared.bus (topic, key, payload, created_at) values ('device', 'old', '{}', now() - interval '8 days')`;
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(7305803)`;
    expect(await run()).toEqual({ partitionsMade: [], partitionsDropped: [], rows: {} });
  });
  await sql`alter table shared.sign_in_links rename to hidden`;
  await sql`delete from shared.bus where key = 'new'`;
  expect((await run()).rows).toEqual({ "live messages": 1 });
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { bus, evidence, sessions } from "@watchpost/db/schema";
import { asc, eq } from "drizzle-orm";
import { type TestDatabase, testDatabase } from "../../packaging/parts/index.ts";
import type { Message } from "../bus/index.ts";
import { type EvidenceInsert, openLedger } from "./ledger.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function session(): Promise<string> {
  const id = Bun.randomUUIDv7();
  await database.db.insert(sessions).values({ id, origin: "request" });
  return id;
}

function observation(sessionId: string): EvidenceInsert {
  return {
    id: Bun.randomUUIDv7(),
    sessionId,
    incidentId: null,
    tool: "metrics",
    title: "sw1 device up",
    query: 'device_up{device="sw1"}',
    queryArguments: { measure: "device-up", scope: { nowMs: 1_700_000_000_123 } },
    finding: 'sw1 \\ "does" not answer',
    result: { series: [{ values: [1, null, 0.25] }] },
    severity: "error",
    collectedAt: new Date(1_700_000_000_123),
    durationMs: 12,
  };
}

const step = (key: string, number: number): Message => ({ topic: "insight", key, payload: { number } });

test("what many analyses keep in one moment is there when it says so, whole and in the order of asking", async () => {
  const ledger = openLedger(database);
  const ids = await Promise.all([session(), session(), session()]);
  const rows = Array.from({ length: 150 }, (_, i) => observation(ids[i % 3]!));
  await Promise.all(rows.map((row, i) => ledger.keep({ evidence: row, message: step("many", i) })));
  const told = await database.db.select().from(bus).where(eq(bus.key, "many")).orderBy(asc(bus.id));
  expect(told.map((message) => message.payload["number"])).toEqual(rows.map((_, i) => i));
  const [kept] = await database.db.select().from(evidence).where(eq(evidence.id, rows[0]!.id!));
  expect(kept).toEqual(rows[0] as typeof kept);
});

test("an entry that cannot be stored is refused alone", async () => {
  const ledger = openLedger(database);
  const id = await session();
  const rows = [observation(id), observation(Bun.randomUUIDv7()), observation(id)];
  const first = ledger.keep({ message: step("alone", -1) });
  const kept = await Promise.allSettled(
    rows.map((row, i) => ledger.keep({ evidence: row, message: step("alone", i) })),
  );
  await first;
  expect(kept.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const told = await database.db.select().from(bus).where(eq(bus.key, "alone")).orderBy(asc(bus.id));
  expect(told.map((message) => message.payload["number"])).toEqual([-1, 0, 2]);
});

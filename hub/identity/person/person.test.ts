import { afterAll, beforeAll, expect, test } from "bun:test";
import { users } from "@watchpost/db/schema";
import { eq } from "drizzle-orm";
import { type TestDatabase, testDatabase } from "../../../packaging/parts/index.ts";
import type { Context } from "../../context.ts";
import {
  createApiToken,
  createSignInLink,
  createUser,
  endSession,
  ensureFirstAdmin,
  findApiToken,
  findSession,
  openSession,
  revokeApiToken,
} from "../index.ts";

const HOUR_MS = 3_600_000;
let nowMs = Date.UTC(2026, 0, 15, 12);
const clock = { nowMs: () => nowMs };
let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await testDatabase();
  ctx = { db: database.db, clock, actor: { kind: "system" } };
  await ensureFirstAdmin(ctx);
}, 60_000);
afterAll(() => database.close());

async function signIn(userEmail?: string): Promise<string> {
  const { secret } = await createSignInLink(ctx, userEmail === undefined ? {} : { userEmail });
  const opened = await openSession(ctx, { linkSecret: secret });
  if (opened.kind === "refused") throw new Error(opened.reason);
  return opened.cookie;
}

test("the first start makes one admin, and the second start no other", async () => {
  const again = await ensureFirstAdmin(ctx);
  expect(again).toMatchObject({ email: "admin@localhost", role: "admin" });
  expect(await database.db.$count(users)).toBe(1);
});

test("a sign-in link opens one session, even when it is followed twice at once", async () => {
  const { secret } = await createSignInLink(ctx, {});
  const opened = await Promise.all([1, 2].map(() => openSession(ctx, { linkSecret: secret })));
  expect(opened.map((o) => o.kind).toSorted()).toEqual(["opened", "refused"]);
  expect(opened.find((o) => o.kind === "refused")).toMatchObject({ reason: expect.stringContaining("used already") });
});

test("a link ends after 15 minutes", async () => {
  const { secret } = await createSignInLink(ctx, {});
  nowMs += 15 * 60_000 + 1;
  expect(await openSession(ctx, { linkSecret: secret })).toMatchObject({ reason: expect.stringContaining("expired") });
  expect(await openSession(ctx, { linkSecret: "guess" })).toMatchObject({ kind: "refused" });
});

test("a session lives while it is used, idles out after 12 hours, and ends after 7 days", async () => {
  const cookie = await signIn();
  for (let hours = 0; hours < 160; hours += 10) {
    nowMs += 10 * HOUR_MS;
    expect(await findSession(database.db, clock, cookie)).toMatchObject({ role: "admin" });
  }
  nowMs += 9 * HOUR_MS;
  expect(await findSession(database.db, clock, cookie)).toBeUndefined();
  const idle = await signIn();
  nowMs += 12 * HOUR_MS + 1;
  expect(await findSession(database.db, clock, idle)).toBeUndefined();
});

test("a signed-out session is gone, and so is that of a user switched off", async () => {
  const cookie = await signIn();
  await endSession(ctx, { cookie });
  expect(await findSession(database.db, clock, cookie)).toBeUndefined();
  const { id, email } = await createUser(ctx, { email: "Ana@Example.net", name: "Ana", role: "operator" });
  expect(email).toBe("ana@example.net");
  const ana = await signIn("ana@example.net");
  await database.db.update(users).set({ active: false }).where(eq(users.id, id));
  expect(await findSession(database.db, clock, ana)).toBeUndefined();
  expect(createSignInLink(ctx, { userEmail: email })).rejects.toThrow("no active user");
});

test("no secret is readable in the database", async () => {
  const { secret } = await createSignInLink(ctx, {});
  const rows = await database.sql`select row_to_json(l)::text as text from shared.sign_in_links l`;
  expect(rows.some((r) => String(r["text"]).includes(secret))).toBe(false);
});

test("an API token carries its role, shrinks with its user's, expires and can be revoked", async () => {
  const { id: ben } = await createUser(ctx, { email: "ben@x", name: "Ben", role: "operator" });
  const find = (token: string) => findApiToken(database.db, clock, token);
  expect(createApiToken(ctx, { name: "t", userEmail: "ben@x", role: "admin" })).rejects.toThrow("exceed");
  const made = await createApiToken(ctx, { name: "t", userEmail: "ben@x", role: "operator", expiresInMs: HOUR_MS });
  expect(await find(made.token)).toMatchObject({ kind: "token", name: "t", role: "operator" });
  await database.db.update(users).set({ role: "viewer" }).where(eq(users.id, ben));
  expect(await find(made.token)).toMatchObject({ role: "viewer" });
  nowMs += HOUR_MS;
  expect(await find(made.token)).toBeUndefined();
  const lasting = await createApiToken(ctx, { name: "l", userEmail: "ben@x", role: "viewer" });
  await revokeApiToken(ctx, lasting.id);
  expect(await find(lasting.token)).toBeUndefined();
  expect(await find("wpt_guess")).toBeUndefined();
});

test("every grant leaves an audit row", async () => {
  const rows = await database.sql`select distinct action from shared.audit_log order by action`;
  expect(rows.map((r) => r["action"])).toEqual([
    "api-token.created",
    "api-token.revoked",
    "session.ended",
    "session.opened",
    "sign-in-link.created",
    "user.created",
  ]);
});

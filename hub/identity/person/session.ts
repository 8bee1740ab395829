import type { Database, Transaction } from "@watchpost/db";
import { signInLinks, users, userSessions } from "@watchpost/db/schema";
import { and, eq, gt, isNull } from "drizzle-orm";
import { recordAudit } from "../../audit/index.ts";
import type { Actor, Clock, Context } from "../../context.ts";
import { hashSecret, newSecret } from "../secret.ts";
import { parseRole, type User, userOf } from "./user.ts";

export const SESSION_IDLE_MS = 12 * 3_600_000;
export const SESSION_LIFETIME_MS = 7 * 86_400_000;
/** The last use is written at most this often. */
const SEEN_EVERY_MS = 60_000;

export type PersonActor = Extract<Actor, { kind: "person" }>;

export type OpenedSession =
  | { kind: "opened"; cookie: string; expiresAt: Date; user: User }
  | { kind: "refused"; reason: string };

/** Spends a sign-in link and opens a session. The cookie's value is returned once; only its hash is kept. */
export async function openSession(ctx: Context, input: { linkSecret: string }): Promise<OpenedSession> {
  const now = new Date(ctx.clock.nowMs());
  return ctx.db.transaction(async (tx): Promise<OpenedSession> => {
    const spent = await spendLink(tx, input.linkSecret, now);
    if (spent.kind === "refused") return spent;
    const { user } = spent;
    const cookie = newSecret();
    const expiresAt = new Date(now.getTime() + SESSION_LIFETIME_MS);
    const [session] = await tx
      .insert(userSessions)
      .values({ userId: user.id, secretHash: hashSecret(cookie), createdAt: now, lastSeenAt: now, expiresAt })
      .returning({ id: userSessions.id });
    if (!session) throw new Error(`no row came back for a new session of ${user.email}`);
    const signedIn: Context = { ...ctx, actor: personOf(user) };
    await recordAudit(tx, signedIn, { action: "session.opened", entity: "session", entityId: session.id });
    return { kind: "opened", cookie, expiresAt, user };
  });
}

type Spent = { kind: "spent"; user: User } | { kind: "refused"; reason: string };

async function spendLink(tx: Transaction, secret: string, now: Date): Promise<Spent> {
  const secretHash = hashSecret(secret);
  const [spent] = await tx
    .update(signInLinks)
    .set({ usedAt: now })
    .where(and(eq(signInLinks.secretHash, secretHash), isNull(signInLinks.usedAt), gt(signInLinks.expiresAt, now)))
    .returning({ userId: signInLinks.userId });
  if (!spent) {
    const [link] = await tx.select().from(signInLinks).where(eq(signInLinks.secretHash, secretHash));
    const why = !link ? "is not one this hub made" : link.usedAt ? "was used already" : "has expired";
    return { kind: "refused", reason: `This sign-in link ${why}. Ask for a new one: hub sign-in-link` };
  }
  const [user] = await tx
    .select()
    .from(users)
    .where(and(eq(users.id, spent.userId), eq(users.active, true)));
  if (!user) return { kind: "refused", reason: "This account is switched off. Ask an admin." };
  return { kind: "spent", user: userOf(user) };
}

/** Who a session cookie belongs to; undefined once it has ended, idled out or expired. */
export async function findSession(db: Database, clock: Clock, cookie: string): Promise<PersonActor | undefined> {
  const now = new Date(clock.nowMs());
  const [row] = await db
    .select({ session: userSessions, user: users })
    .from(userSessions)
    .innerJoin(users, eq(users.id, userSessions.userId))
    .where(
      and(
        eq(userSessions.secretHash, hashSecret(cookie)),
        isNull(userSessions.endedAt),
        gt(userSessions.expiresAt, now),
        gt(userSessions.lastSeenAt, new Date(now.getTime() - SESSION_IDLE_MS)),
        eq(users.active, true),
      ),
    );
  if (!row) return undefined;
  if (now.getTime() - row.session.lastSeenAt.getTime() >= SEEN_EVERY_MS) {
    await db.update(userSessions).set({ lastSeenAt: now }).where(eq(userSessions.id, row.session.id));
  }
  return personOf(userOf(row.user));
}

/** Ends the session behind the cookie. Ending it twice is no error. */
export async function endSession(ctx: Context, input: { cookie: string }): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const [ended] = await tx
      .update(userSessions)
      .set({ endedAt: new Date(ctx.clock.nowMs()) })
      .where(and(eq(userSessions.secretHash, hashSecret(input.cookie)), isNull(userSessions.endedAt)))
      .returning({ id: userSessions.id });
    if (ended) await recordAudit(tx, ctx, { action: "session.ended", entity: "session", entityId: ended.id });
  });
}

function personOf(user: User): PersonActor {
  return { kind: "person", userId: user.id, name: user.name, email: user.email, role: parseRole(user.role) };
}

import { create, fromBinary } from "@bufbuild/protobuf";
import type { Database } from "@watchpost/db";
import { scriptExecutions } from "@watchpost/db/schema";
import { DownlinkSchema, type SignedOrder, SignedOrderSchema } from "@watchpost/proto";
import { and, asc, eq, gt, inArray } from "drizzle-orm";
import { publish } from "../bus/index.ts";
import type { Clock } from "../context.ts";
import type { LinkSender } from "./ports.ts";

const ORDERS_MAX = 200;

export interface WaitingOrder {
  executionId: string;
  collectorId: string;
  order: SignedOrder;
}

/** Orders that this collector has not answered and that still have time: sent again whenever it connects. */
export async function ordersToSend(
  { db, clock }: { db: Database; clock: Clock },
  collectorId: string,
): Promise<WaitingOrder[]> {
  const rows = await db
    .select({ executionId: scriptExecutions.id, signedOrder: scriptExecutions.signedOrder })
    .from(scriptExecutions)
    .where(unanswered(clock, collectorId))
    .orderBy(asc(scriptExecutions.id))
    .limit(ORDERS_MAX);
  return rows.map(({ executionId, signedOrder }) => ({
    executionId,
    collectorId,
    order: fromBinary(SignedOrderSchema, signedOrder),
  }));
}

/** Which of these collectors have orders to get: one statement, however many connect in one moment. */
export async function collectorsWithOrders(
  { db, clock }: { db: Database; clock: Clock },
  collectorIds: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectDistinct({ id: scriptExecutions.collectorId })
    .from(scriptExecutions)
    .where(unanswered(clock, ...collectorIds));
  return rows.map(({ id }) => id);
}

function unanswered(clock: Clock, ...collectorIds: string[]) {
  return and(
    inArray(scriptExecutions.collectorId, collectorIds),
    inArray(scriptExecutions.status, ["queued", "sent"]),
    gt(scriptExecutions.expiresAt, new Date(clock.nowMs())),
  );
}

/** What the link calls when a collector's stream is up. */
export async function sendWaitingOrders(
  hub: { db: Database; clock: Clock },
  links: LinkSender,
  collectorId: string,
): Promise<void> {
  for (const waiting of await ordersToSend(hub, collectorId)) await sendOrder(hub.db, links, waiting);
}

/** Hands the order to the link. Sending twice is harmless: the collector takes each nonce once. */
export async function sendOrder(db: Database, links: LinkSender, waiting: WaitingOrder): Promise<boolean> {
  const { executionId, collectorId, order } = waiting;
  const sent = links.send(collectorId, create(DownlinkSchema, { message: { case: "runScript", value: order } }));
  if (!sent) return false;
  await db.transaction(async (tx) => {
    const [changed] = await tx
      .update(scriptExecutions)
      .set({ status: "sent" })
      .where(and(eq(scriptExecutions.id, executionId), eq(scriptExecutions.status, "queued")))
      .returning({ incidentId: scriptExecutions.incidentId });
    if (!changed) return;
    const payload = { kind: "status", status: "sent", incidentId: changed.incidentId };
    await publish(tx, { topic: "execution", key: executionId, payload });
  });
  return true;
}

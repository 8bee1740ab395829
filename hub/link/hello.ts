import { collectorStreams, collectors } from "@watchpost/db/schema";
import type { Hello } from "@watchpost/proto";
import { and, eq } from "drizzle-orm";
import { boundedText } from "../bounded-text.ts";
import type { Hub } from "../hub.ts";
import type { LinkSource } from "./handlers.ts";

const EPOCH = /^[A-Za-z0-9._-]{1,64}$/;
const VERSION_LENGTH_MAX = 100;
const SCRIPTS_MAX = 500;
const SCRIPT_NAME_LENGTH_MAX = 63;
const CONFIG_VERSION_MAX = 2_147_483_647;

export type Greeted = { kind: "greeted"; ackedSeq: number } | { kind: "refused"; reason: string };

/** Takes note of what a collector says of itself, and finds how far its outbox is committed here. */
export async function greet(hub: Hub, source: LinkSource, hello: Hello): Promise<Greeted> {
  if (!EPOCH.test(hello.outboxEpoch)) {
    return { kind: "refused", reason: "outbox_epoch must be 1 to 64 letters, digits, dots, dashes or underscores" };
  }
  const key = { collectorId: source.collectorId, outboxEpoch: hello.outboxEpoch };
  return hub.db.transaction(async (tx): Promise<Greeted> => {
    await tx.insert(collectorStreams).values(key).onConflictDoNothing();
    const [cursor] = await tx
      .select({ ackedSeq: collectorStreams.ackedSeq })
      .from(collectorStreams)
      .where(and(eq(collectorStreams.collectorId, key.collectorId), eq(collectorStreams.outboxEpoch, key.outboxEpoch)));
    if (!cursor) throw new Error(`no cursor for outbox ${key.outboxEpoch} of collector ${key.collectorId}`);
    await tx
      .update(collectors)
      .set({
        version: boundedText(hello.collectorVersion, VERSION_LENGTH_MAX),
        allowedScripts: hello.allowedScripts.slice(0, SCRIPTS_MAX).map((s) => boundedText(s, SCRIPT_NAME_LENGTH_MAX)),
        configVersion: Math.min(hello.configVersion, CONFIG_VERSION_MAX),
        lastSeenAt: new Date(hub.clock.nowMs()),
      })
      .where(eq(collectors.id, source.collectorId));
    return { kind: "greeted", ackedSeq: cursor.ackedSeq };
  });
}

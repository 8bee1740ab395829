import type { Transaction } from "@watchpost/db";
import type { Event } from "@watchpost/proto";
import type { Context } from "../context.ts";
import type { EventSource, IngestResult } from "./source.ts";

/**
 * Stores a batch of events and turns them into incidents, in the caller's transaction. Batches of one site wait for
 * each other. It publishes to the bus: call it last, or publish nothing before it.
 */
export async function ingestEvents(
  tx: Transaction,
  ctx: Context,
  source: EventSource,
  events: readonly Event[],
): Promise<IngestResult> {
  void [tx, ctx, source, events];
  throw new Error("not there yet");
}

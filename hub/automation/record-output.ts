import { scriptExecutions, scriptOutput } from "@watchpost/db/schema";
import { OutputStream, type ScriptOutput } from "@watchpost/proto";
import { and, eq, sql } from "drizzle-orm";
import { publish } from "../bus/index.ts";
import type { Hub } from "../hub.ts";
import { outputText } from "./output-text.ts";
import { isUuid } from "./uuid.ts";

const CHUNK_BYTES_MAX = 16_384;
const OUTPUT_BYTES_MAX = 1_048_576;
const INDEX_MAX = 100_000;

/** The collector behind a stream, from its certificate alone. */
export interface OutputSource {
  collectorId: string;
}

export type OutputRecorded = { kind: "stored" | "repeated" } | { kind: "ignored"; reason: string };

/** Keeps one chunk of a run's output and shows it live. A chunk that comes again changes nothing. */
export async function recordScriptOutput(
  hub: Hub,
  source: OutputSource,
  output: ScriptOutput,
): Promise<OutputRecorded> {
  const { executionId, index, chunk } = output;
  if (!isUuid(executionId)) return { kind: "ignored", reason: "the execution id is not one this hub gives out" };
  if (chunk.length > CHUNK_BYTES_MAX || index > INDEX_MAX)
    return { kind: "ignored", reason: `chunk ${index} of ${chunk.length} bytes is beyond the limits` };
  const stream = output.stream === OutputStream.STDERR ? "stderr" : "stdout";
  const now = new Date(hub.clock.nowMs());

  return hub.db.transaction(async (tx): Promise<OutputRecorded> => {
    const [execution] = await tx
      .select()
      .from(scriptExecutions)
      .where(and(eq(scriptExecutions.id, executionId), eq(scriptExecutions.collectorId, source.collectorId)))
      .for("update");
    if (!execution) return { kind: "ignored", reason: `this collector has no execution ${executionId.slice(0, 64)}` };
    const [stored] = await tx
      .select({ bytes: sql<number>`coalesce(sum(octet_length(${scriptOutput.chunk})), 0)::int` })
      .from(scriptOutput)
      .where(eq(scriptOutput.executionId, execution.id));
    if ((stored?.bytes ?? 0) + chunk.length > OUTPUT_BYTES_MAX)
      return { kind: "ignored", reason: `execution ${execution.id} has ${stored?.bytes} bytes of output, the limit` };
    const added = await tx
      .insert(scriptOutput)
      .values({ executionId: execution.id, index, stream, chunk, receivedAt: now })
      .onConflictDoNothing()
      .returning({ index: scriptOutput.index });
    if (added.length === 0) return { kind: "repeated" };
    const { incidentId } = execution;
    const key = execution.id;
    const begins = execution.status === "queued" || execution.status === "sent";
    if (begins)
      await tx.update(scriptExecutions).set({ status: "running", startedAt: now }).where(eq(scriptExecutions.id, key));
    await publish(
      tx,
      ...(begins
        ? [{ topic: "execution" as const, key, payload: { kind: "status", status: "running", incidentId } }]
        : []),
      { topic: "execution", key, payload: { kind: "output", index, stream, text: outputText(chunk), incidentId } },
    );
    return { kind: "stored" };
  });
}

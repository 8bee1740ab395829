import { create } from "@bufbuild/protobuf";
import { ScriptOutcome, type ScriptResult, ScriptResultSchema } from "@watchpost/proto";
import { REFUSALS_PENDING_MAX } from "./limits.ts";
import type { Refused } from "./verify.ts";

/** Refusals the hub has not acknowledged; the oldest goes when there are too many. */
export class Refusals {
  readonly #results = new Map<string, ScriptResult>();

  add({ executionId, code, reason }: Refused): ScriptResult {
    const oldest = this.#results.size >= REFUSALS_PENDING_MAX ? this.#results.keys().next() : undefined;
    if (oldest && !oldest.done) this.#results.delete(oldest.value);
    const outcome = ScriptOutcome.REFUSED;
    const result = create(ScriptResultSchema, { executionId, outcome, reasonCode: code, reason });
    this.#results.set(executionId, result);
    return result;
  }

  acked(executionId: string): void {
    this.#results.delete(executionId);
  }

  pending(): ScriptResult[] {
    return [...this.#results.values()];
  }
}

import type { ScriptOutput } from "@watchpost/proto";
import type { Journal } from "./journal.ts";
import type { ScriptUplink } from "./uplink.ts";

/** How much of each run's output the link has taken: a result goes only after all of its output. */
export class Handover {
  readonly #journal: Journal;
  readonly #uplink: ScriptUplink;
  /** Index of the next chunk to hand over, by execution. */
  readonly #next = new Map<string, number>();

  constructor(journal: Journal, uplink: ScriptUplink) {
    this.#journal = journal;
    this.#uplink = uplink;
  }

  /** A new connection: what the last one was given may never have arrived. */
  reset(): void {
    this.#next.clear();
  }

  forget(executionId: string): void {
    this.#next.delete(executionId);
  }

  /** A chunk that was just written. Sent now when all before it were; else it waits in the journal for its turn. */
  pass(output: ScriptOutput): void {
    const { executionId, index } = output;
    if ((this.#next.get(executionId) ?? 0) < index) this.catchUp(executionId);
    else if (this.#uplink.output(output)) this.#next.set(executionId, index + 1);
  }

  /** True when the link has taken all output of this run that is on disk. */
  catchUp(executionId: string): boolean {
    for (const output of this.#journal.outputOf(executionId, this.#next.get(executionId) ?? 0)) {
      if (!this.#uplink.output(output)) return false;
      this.#next.set(executionId, output.index + 1);
    }
    return true;
  }
}

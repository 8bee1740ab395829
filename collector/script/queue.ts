import { create } from "@bufbuild/protobuf";
import {
  OutputStream,
  ScriptOutcome,
  type ScriptOutput,
  ScriptOutputSchema,
  type ScriptResult,
  ScriptResultSchema,
} from "@watchpost/proto";
import type { Logger } from "pino";
import type { Handover } from "./handover.ts";
import { durationMs, type Journal } from "./journal.ts";
import { RUNNING_MAX, WAITING_MAX } from "./limits.ts";
import { processMark } from "./orphan.ts";
import type { StreamName } from "./output.ts";
import { type Finished, type Run, startRun } from "./run.ts";
import type { ScriptUplink } from "./uplink.ts";
import type { Accepted } from "./verify.ts";

export interface QueueOptions {
  journal: Journal;
  runsDir: string;
  nowMs: () => number;
  hubNowMs: () => number;
  log: Logger;
  uplink: ScriptUplink;
  handover: Handover;
}

interface Running {
  accepted: Accepted;
  run: Run;
  done: Promise<void>;
}

/** Accepted orders in turn: a few at once, one at a time on a device. Every one ends in exactly one result. */
export class RunQueue {
  readonly #options: QueueOptions;
  readonly #waiting: Accepted[] = [];
  readonly #running = new Map<string, Running>();
  #stopping = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Why nothing more can be taken; undefined when there is room. */
  full(): string | undefined {
    if (this.#waiting.length < WAITING_MAX) return undefined;
    return `${this.#running.size} scripts run and ${this.#waiting.length} wait; try again when some have ended.`;
  }

  runningIds(): string[] {
    return [...this.#running.keys()];
  }

  add(accepted: Accepted): void {
    this.#waiting.push(accepted);
    this.#startNext();
  }

  cancel(executionId: string): void {
    this.#running.get(executionId)?.run.stop("cancelled");
    const index = this.#waiting.findIndex(({ order }) => order.executionId === executionId);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    const reason = "Cancelled before it began.";
    this.#finish(create(ScriptResultSchema, { executionId, outcome: ScriptOutcome.CANCELLED, reason }));
  }

  /** Those that wait keep no result: the next start reports them as not begun. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#waiting.length = 0;
    const running = [...this.#running.values()];
    for (const { run } of running) run.stop("interrupted");
    await Promise.all(running.map(({ done }) => done));
  }

  #startNext(): void {
    for (let free = RUNNING_MAX - this.#running.size; free > 0 && !this.#stopping; free -= 1) {
      const taken = new Set([...this.#running.values()].flatMap(({ accepted }) => accepted.order.targets));
      const index = this.#waiting.findIndex(({ order }) => !order.targets.some((name) => taken.has(name)));
      const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (!next) return;
      this.#start(next);
    }
  }

  #start(accepted: Accepted): void {
    const { journal, nowMs, hubNowMs, runsDir } = this.#options;
    const { executionId, expiresAtMs } = accepted.order;
    if (hubNowMs() >= Number(expiresAtMs)) {
      const outcome = ScriptOutcome.REFUSED;
      const reason = "the order expired while it waited for a free place.";
      this.#finish(create(ScriptResultSchema, { executionId, outcome, reasonCode: "expired", reason }));
      return;
    }
    const startedMs = nowMs();
    journal.started(executionId, startedMs);
    let chunks = 0;
    const onChunk = (stream: StreamName, chunk: Uint8Array) => {
      const name = stream === "stdout" ? OutputStream.STDOUT : OutputStream.STDERR;
      this.#send(create(ScriptOutputSchema, { executionId, index: chunks, stream: name, chunk }));
      chunks += 1;
    };
    const run = startRun(accepted, { dir: runsDir, onChunk });
    const mark = run.pid === undefined ? undefined : processMark(run.pid);
    if (mark !== undefined) journal.runsAs(executionId, mark);
    const follow = async () => {
      const finished = await run.done.catch((error: unknown) => this.#brokenOff(error));
      this.#running.delete(executionId);
      const tookMs = durationMs(startedMs, nowMs());
      this.#finish(create(ScriptResultSchema, { executionId, chunks, durationMs: tookMs, ...finished }));
      this.#startNext();
    };
    this.#running.set(executionId, { accepted, run, done: follow() });
  }

  #send(output: ScriptOutput): void {
    try {
      this.#options.journal.addOutput(output);
    } catch (err) {
      const { executionId, index } = output;
      const told = "output chunk is not on disk: it is sent once, and lost if the link is down";
      this.#options.log.error({ err, executionId, index }, told);
    }
    this.#options.handover.pass(output);
  }

  #finish(result: ScriptResult): void {
    this.#options.journal.finish(result);
    const { executionId, exitCode, reason } = result;
    const outcome = ScriptOutcome[result.outcome];
    this.#options.log.info({ executionId, outcome, exitCode, reason, durationMs: result.durationMs }, "script ended");
    if (this.#options.handover.catchUp(executionId)) this.#options.uplink.result(result);
  }

  #brokenOff(err: unknown): Finished {
    this.#options.log.error({ err }, "a script run broke off inside the collector");
    const reason = `The collector lost sight of the script: ${err instanceof Error ? err.message : String(err)}`;
    return { outcome: ScriptOutcome.INTERRUPTED, exitCode: -1, reason, truncated: true };
  }
}

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ScriptResult, SignedOrder, SigningKey } from "@watchpost/proto";
import type { Logger } from "pino";
import { Handover } from "./handover.ts";
import { openJournal } from "./journal.ts";
import { RESULTS_PENDING_MAX } from "./limits.ts";
import { RunQueue } from "./queue.ts";
import { Refusals } from "./refusals.ts";
import type { ScriptUplink } from "./uplink.ts";
import { type Refused, verifyOrder } from "./verify.ts";

export interface ScriptRunnerOptions {
  identity: { site: string; collectorId: string };
  /** Read for each order: the bundle may be rotated while the collector runs. */
  trust: () => { signingKeys: readonly SigningKey[] };
  config: () => { enabled: boolean; allow: readonly string[] };
  dir: string;
  clock: { nowMs(): number };
  /** Hub clock minus own clock, as the link measured it last; 0 when it never did. */
  hubOffsetMs: () => number;
  log: Logger;
  uplink: ScriptUplink;
  deviceAddress: (name: string) => string | undefined;
}

export type OrderDecision = { kind: "accepted"; executionId: string } | Refused;

export interface ScriptRunner {
  handleOrder(signed: SignedOrder): OrderDecision;
  cancel(executionId: string): void;
  /** Results that the hub has not acknowledged, refusals too; each only once the link has taken all of its output. */
  pendingResults(): ScriptResult[];
  /** After a reconnect: gives the output and the result of every unacknowledged run to the uplink again. */
  resend(): void;
  resultAcked(executionId: string): void;
  /** Ends running scripts as interrupted and closes the journal; their results are sent after the next start. */
  stop(): Promise<void>;
}

/** Takes signed orders, runs at most one script a device, and keeps each result until the hub has it. */
export function createScriptRunner(options: ScriptRunnerOptions): ScriptRunner {
  const { clock, log, uplink } = options;
  const runsDir = join(options.dir, "runs");
  rmSync(runsDir, { recursive: true, force: true });
  mkdirSync(runsDir, { recursive: true, mode: 0o700 });
  const journal = openJournal({ dir: options.dir, nowMs: clock.nowMs() });
  const hubNowMs = () => clock.nowMs() + options.hubOffsetMs();
  const handover = new Handover(journal, uplink);
  const queue = new RunQueue({ journal, runsDir, nowMs: () => clock.nowMs(), hubNowMs, log, uplink, handover });
  const refusals = new Refusals();
  let stopping = false;
  let closed = false;

  function busy(): string | undefined {
    const pending = journal.pendingCount();
    if (pending < RESULTS_PENDING_MAX) return queue.full();
    return `${pending} runs wait for the hub to acknowledge their results.`;
  }

  function refuse(refused: Refused): void {
    const { executionId, code, reason } = refused;
    log.warn({ executionId, code, reason }, "script refused");
    // A repeat of an order this side holds says nothing new: its own result is, or will be, the answer.
    if (executionId === "" || journal.isKnown(executionId)) return;
    uplink.result(refusals.add(refused));
  }

  const pendingResults = () => {
    if (closed) return [];
    const complete = journal.pendingResults().filter(({ executionId }) => handover.catchUp(executionId));
    return [...complete, ...refusals.pending()];
  };

  return {
    handleOrder(signed) {
      if (stopping) return { kind: "refused", code: "busy", reason: "this collector is stopping.", executionId: "" };
      const isNonceKnown = (nonce: Uint8Array) => journal.isNonceKnown(nonce);
      const decision = verifyOrder(signed, { ...rulesOf(options), hubNowMs: hubNowMs(), isNonceKnown, busy });
      if (decision.kind === "refused") {
        refuse(decision);
        return decision;
      }
      const { executionId, nonce, expiresAtMs, targets } = decision.order;
      journal.accept({ executionId, nonce, expiresAtMs: Number(expiresAtMs) });
      log.info({ executionId, script: decision.script.name, targets }, "script accepted");
      queue.add(decision);
      return { kind: "accepted", executionId };
    },
    cancel: (executionId) => queue.cancel(executionId),
    pendingResults,
    resend() {
      if (closed) return;
      handover.reset();
      for (const executionId of queue.runningIds()) handover.catchUp(executionId);
      for (const result of pendingResults()) uplink.result(result);
    },
    resultAcked(executionId) {
      // What comes after the end is told again after the next start.
      if (closed) return;
      refusals.acked(executionId);
      handover.forget(executionId);
      journal.acked(executionId);
    },
    async stop() {
      stopping = true;
      await queue.stop();
      closed = true;
      journal.close();
    },
  };
}

/** Read anew for each order: configuration and trust may change while the collector runs. */
function rulesOf({ identity, config, trust, deviceAddress }: ScriptRunnerOptions) {
  return { ...identity, ...config(), signingKeys: trust().signingKeys, deviceAddress };
}

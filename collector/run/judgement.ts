import { EventKind, EventState } from "@watchpost/proto";
import type { EventDraft } from "../outbox/index.ts";
import { RuleEngine } from "../rule/index.ts";
import { createTopology, type Topology } from "../topology/index.ts";
import { createTriage, type Enrichment, openLocalModel, startEnrichment } from "../triage/index.ts";
import type { Context } from "./context.ts";
import type { Stores } from "./stores.ts";

export interface Judgement {
  rules: RuleEngine;
  /** Judges an event that no poll made and keeps it; resolves when it is durable. */
  tell: (draft: EventDraft) => Promise<void>;
  topology: Topology;
  /** Undefined without a local model. */
  enrichment: Enrichment | undefined;
}

export interface JudgementOptions extends Context {
  stores: Stores;
  pollNow: (devices: string[]) => void;
  /** An event says that the device cannot be read. */
  onDeviceDown(device: string): void;
}

/** rule -> triage -> outbox, and the local model behind them. */
export function createJudgement(options: JudgementOptions): Judgement {
  const { config, stores, clock } = options;
  const topology = createTopology({ store: stores.facts, attachedTo: config.attachedTo });
  const enrichment = localModel(options);
  const rules = new RuleEngine({ store: stores.memory, topology, clock, pollNow: options.pollNow, emit });
  const triage = createTriage({ topology, open: rules, clock });
  return { rules, tell: emit, topology, enrichment };

  async function emit(draft: EventDraft): Promise<void> {
    const judged = triage.judge(draft);
    if (judged.kind === "folded") return;
    const seq = await stores.outbox.append(judged.event);
    enrichment?.offer({ seq, event: judged.event });
    if (draft.kind === EventKind.DEVICE_DOWN && draft.state === EventState.FIRING) options.onDeviceDown(draft.device);
  }
}

function localModel({ config, env, stores, clock, log }: JudgementOptions): Enrichment | undefined {
  const host = env["OLLAMA_HOST"];
  if (!config.ollama || host === undefined || host === "") return undefined;
  const { model, budgetMs, queueMax } = config.ollama;
  return startEnrichment({
    model: openLocalModel({ host, model, budgetMs }),
    queueMax,
    clock,
    append: (event) => stores.outbox.append(event),
    onFailure: (message) => log.warn(`local model: ${message}; the rules' verdict stands`),
  });
}

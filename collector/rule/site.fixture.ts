import { join } from "node:path";
import { EventState } from "@watchpost/proto";
import { scratchDir } from "../../packaging/parts/index.ts";
import type { DeviceConfig, RuleConfig } from "../config/index.ts";
import { sitePartSchema } from "../config/index.ts";
import type { EventDraft } from "../outbox/event-draft.ts";
import type { Reading } from "../poll/reading.ts";
import { BatchBuilder, listOf, SeriesTable } from "../sample/index.ts";
import { createTopology, openFactStore } from "../topology/index.ts";
import { type Numbers, openMemoryStore, RuleEngine } from "./index.ts";

export interface SiteUnderTest {
  engine: RuleEngine;
  events: EventDraft[];
  /** Devices the engine asked to poll at once. */
  asked: string[][];
  clock: { atMs: number; nowMs(): number };
  /** Judges readings in order and gives the events they made: "firing interface-down/sw1/Gi1". */
  take(...readings: Reading[]): Promise<string[]>;
  takeNumbers(reading: Reading, values: Record<string, number>): Promise<string[]>;
  restart(): Promise<SiteUnderTest>;
}

/** A rule engine on a real state folder, with events collected instead of sent. */
export async function siteUnderTest(
  devices: DeviceConfig[],
  rules: Partial<RuleConfig>[] = [],
): Promise<SiteUnderTest> {
  return open(scratchDir("rule"), devices, rules);
}

async function open(dir: string, devices: DeviceConfig[], rules: Partial<RuleConfig>[]): Promise<SiteUnderTest> {
  const store = openMemoryStore({ path: join(dir, "rule.sqlite"), nowMs: 0, onTrouble: fail });
  const facts = openFactStore({ path: join(dir, "topology.sqlite"), nowMs: 0, onTrouble: fail });
  const topology = createTopology({ store: facts, attachedTo: undefined });
  const events: EventDraft[] = [];
  const asked: string[][] = [];
  const clock = { atMs: 1_000_000, nowMs: () => clock.atMs };
  const engine = new RuleEngine({
    store,
    topology,
    clock,
    pollNow: (names) => void asked.push(names),
    emit: async (draft) => void events.push(draft),
  });
  await engine.configure(sitePartSchema.parse({ devices, rules, poll: { intervalMs: 30_000 } }));

  async function told(work: () => Promise<void>): Promise<string[]> {
    const before = events.length;
    await work();
    return events.slice(before).map((e) => `${EventState[e.state].toLowerCase()} ${e.fingerprint}`);
  }
  return {
    engine,
    events,
    asked,
    clock,
    take: (...readings) =>
      told(async () => {
        for (const reading of readings) await engine.take(reading, NOTHING);
      }),
    takeNumbers: (reading, values) => told(() => engine.take(reading, numbers(reading, values))),
    restart() {
      store.close();
      facts.close();
      return open(dir, devices, rules);
    },
  };
}

const NOTHING: Numbers = { series: listOf([]), values: new Float64Array(), takenAtMs: 0 };
const table = new SeriesTable();

/** { "cpu_usage_ratio processor=1": 0.95 } */
function numbers(reading: Reading, values: Record<string, number>): Numbers {
  const batch = new BatchBuilder(table.register(reading.device));
  for (const [text, value] of Object.entries(values)) {
    const [name = "", ...pairs] = text.split(" ");
    batch.add(
      pairs.flatMap((pair) => pair.split("=", 2)),
      name,
      value,
    );
  }
  return batch.build(reading.device, reading.takenAtMs);
}

function fail(message: string): never {
  throw new Error(message);
}

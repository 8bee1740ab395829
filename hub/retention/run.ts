import { dropEventPartitions, makeEventPartitions } from "@watchpost/db";
import type { Hub } from "../hub.ts";
import { type Keep, type Rule, rulesOf } from "./rules.ts";

const LOCK_KEY = 7_305_803;
const BATCH_ROWS = 2_000;
const BATCHES_MAX = 100;
const LOCK_WAIT = "5s";
const DAY_MS = 86_400_000;

export type Retained = Pick<Hub, "sql" | "clock" | "log">;

export interface Pruned {
  partitionsMade: string[];
  partitionsDropped: string[];
  /** Rows that went, by the rule's name; rules without work are left out. */
  rows: Record<string, number>;
}

/** One run of everything. A part that fails is logged and does not keep the others. */
export async function runRetention(hub: Retained, keep: Keep, stopped: () => boolean = () => false): Promise<Pruned> {
  const nowMs = hub.clock.nowMs();
  const pruned: Pruned = { partitionsMade: [], partitionsDropped: [], rows: {} };
  await tried(hub, "partitions of coming months", async () => {
    pruned.partitionsMade = (await alone(hub, (tx) => makeEventPartitions(tx, nowMs))) ?? [];
  });
  await tried(hub, "partitions of past months", async () => {
    const months = { nowMs, monthsKept: keep.eventsMonths };
    pruned.partitionsDropped = (await alone(hub, (tx) => dropEventPartitions(tx, months))) ?? [];
  });
  for (const rule of rulesOf(keep)) {
    if (stopped()) break;
    await tried(hub, rule.name, async () => {
      const count = await prune(hub, rule, { before: new Date(nowMs - rule.keptDays * DAY_MS), stopped });
      if (count > 0) pruned.rows[rule.name] = count;
    });
  }
  return pruned;
}

async function prune(
  hub: Retained,
  rule: Rule,
  { before, stopped }: { before: Date; stopped: () => boolean },
): Promise<number> {
  let total = 0;
  for (let i = 0; i < BATCHES_MAX && !stopped(); i += 1) {
    const count = (await alone(hub, async (tx) => (await rule.batch(tx, before, BATCH_ROWS)).count)) ?? 0;
    total += count;
    if (count < BATCH_ROWS) break;
  }
  return total;
}

type Transaction = Parameters<Parameters<Hub["sql"]["begin"]>[1]>[0];

/** Undefined when another hub is at it. */
async function alone<T>(hub: Retained, work: (tx: Transaction) => Promise<T>): Promise<T | undefined> {
  let done: T | undefined;
  await hub.sql.begin(async (tx) => {
    await tx`select set_config('lock_timeout', ${LOCK_WAIT}, true)`;
    const [lock] = await tx`select pg_try_advisory_xact_lock(${LOCK_KEY}) as mine`;
    if (lock?.["mine"] === true) done = await work(tx);
  });
  return done;
}

async function tried(hub: Retained, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    hub.log.error({ err: error, what }, "retention: not done in this run; the next one tries again");
  }
}

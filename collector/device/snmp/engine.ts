import { randomFillSync } from "node:crypto";
import { systemTimerClock, type TimerClock } from "../clock.ts";
import { createCounters, type SnmpCounters } from "./counters.ts";
import type { Target } from "./credential.ts";
import { Exchange } from "./exchange.ts";
import { Exchanger } from "./exchanger.ts";
import { type GetOutcome, Getter } from "./get.ts";
import type { Oid } from "./oid.ts";
import { Sessions } from "./session.ts";
import { type SocketFactory, systemSockets } from "./transport/socket.ts";
import type { Sheet } from "./sheet.ts";
import { SheetPlan } from "./sheet-plan.ts";
import { type SheetOutcome, type Walk, type WalkEnd, Walker, type WalkerOptions, type WalkOutcome } from "./walk.ts";
import { WalkPlan } from "./walk-plan.ts";

export interface SnmpEngineOptions {
  clock?: TimerClock;
  /** A number in [0, 2^32) that nobody can foretell. */
  random?: () => number;
  socketFactory?: SocketFactory;
}

/** Asks agents. Nothing a device or a stranger sends makes it throw; every outcome is a value. */
export interface SnmpEngine {
  readonly counters: Readonly<SnmpCounters>;
  readonly clock: TimerClock;
  get(target: Target, oids: readonly Oid[]): Promise<GetOutcome>;
  walkColumns(target: Target, walk: Walk): Promise<WalkOutcome>;
  /** Fills a sheet anew. */
  walkSheet(target: Target, sheet: Sheet, deadlineMs?: number): Promise<SheetOutcome>;
  /** Ends what is under way with kind "closed" and gives the sockets back. */
  close(): void;
}

export function createSnmpEngine(options: SnmpEngineOptions = {}): SnmpEngine {
  const { clock = systemTimerClock, random = secretRandom(), socketFactory = systemSockets } = options;
  const counters = createCounters();
  const exchanger = new Exchanger({ clock, random, sockets: socketFactory, counters });
  const sessions = new Sessions();
  const walk = (target: Target, how: Pick<WalkerOptions, "plan" | "deadlineMs">, settle: (ended: WalkEnd) => void) =>
    new Walker({ ...how, exchanger, session: sessions.of(target), target }, settle).step();
  return {
    counters,
    clock,
    get: (target, oids) =>
      new Promise((settle) => {
        const asker = new Getter(target, oids, settle);
        new Exchange({ exchanger, session: sessions.of(target), target, asker }).ask();
      }),
    walkColumns: (target, { scalars = [], columns, deadlineMs, valuesExpected = 256 }) =>
      new Promise((settle) => {
        const plan = new WalkPlan({ scalars, columns, counters, capacity: valuesExpected });
        walk(target, { plan, deadlineMs }, (ended) =>
          settle(ended.kind === "ok" ? { ...ended, cells: plan.cells } : ended),
        );
      }),
    walkSheet: (target, sheet, deadlineMs) =>
      new Promise((settle) => {
        const plan = new SheetPlan(sheet, counters);
        walk(target, { plan, deadlineMs }, (ended) =>
          settle(ended.kind === "ok" && plan.changed ? { kind: "changed", requests: ended.requests } : ended),
        );
      }),
    close: () => exchanger.close(),
  };
}

const POOL_NUMBERS = 1_024;

/** Numbers from the system's generator, fetched in bulk. */
function secretRandom(): () => number {
  const pool = new Uint32Array(POOL_NUMBERS);
  let at = POOL_NUMBERS;
  return () => {
    if (at === POOL_NUMBERS) {
      randomFillSync(pool);
      at = 0;
    }
    const value = pool[at] ?? 0;
    at += 1;
    return value;
  };
}

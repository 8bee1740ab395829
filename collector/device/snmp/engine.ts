import { randomFillSync } from "node:crypto";
import { systemTimerClock, type TimerClock } from "../clock.ts";
import { createCounters, type SnmpCounters } from "./counters.ts";
import type { Target } from "./credential.ts";
import { Exchanger } from "./exchanger.ts";
import { type GetOutcome, Getter } from "./get.ts";
import type { Oid } from "./oid.ts";
import { Sessions } from "./session.ts";
import { type SocketFactory, systemSockets } from "./transport/socket.ts";
import { type Walk, Walker, type WalkOutcome } from "./walk.ts";

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
  /** Ends what is under way with kind "closed" and gives the sockets back. */
  close(): void;
}

export function createSnmpEngine(options: SnmpEngineOptions = {}): SnmpEngine {
  const { clock = systemTimerClock, random = secretRandom(), socketFactory = systemSockets } = options;
  const counters = createCounters();
  const exchanger = new Exchanger({ clock, random, sockets: socketFactory, counters });
  const sessions = new Sessions();
  return {
    counters,
    clock,
    get: (target, oids) =>
      new Promise((settle) => exchanger.ask(sessions.of(target), target, new Getter(target, oids, settle))),
    walkColumns: (target, walk) =>
      new Promise((settle) => new Walker({ exchanger, session: sessions.of(target), target, walk }, settle).step()),
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

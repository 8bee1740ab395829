import type { TimerClock } from "../../../collector/clock.ts";

/** 2026-01-01, so that traces read the same whenever they are made. */
export const EPOCH_MS = 1_767_225_600_000;
const STEPS_MAX = 2_000_000;

interface Step {
  atMs: number;
  order: number;
  /** Which process it belongs to; a process that is killed loses its steps. */
  owner: string;
  run: () => void;
  cancelled: boolean;
}

/** Virtual time: steps run one after the other in an order that only the seed decides. */
export class World {
  nowMs = 0;
  owner = "world";
  /** How many steps have begun. */
  steps = 0;
  readonly trace: string[] = [];
  readonly #queue: Step[] = [];
  readonly #dead = new Set<string>();
  #order = 0;

  note(line: string): void {
    this.trace.push(`${Math.round(this.nowMs)} ${line}`);
  }

  isDead(owner: string): boolean {
    return this.#dead.has(owner);
  }

  /** The step belongs to whoever plans it, unless another owner is named. */
  after(delayMs: number, run: () => void, owner = this.owner): () => void {
    this.#order += 1;
    const atMs = this.nowMs + Math.max(0, Number.isFinite(delayMs) ? delayMs : 0);
    const step: Step = { atMs, order: this.#order, owner, run, cancelled: false };
    this.#insert(step);
    return () => {
      step.cancelled = true;
    };
  }

  kill(owner: string): void {
    this.#dead.add(owner);
  }

  /** Runs what is due until then; what a step's promises do belongs to that step. */
  async runUntil(untilMs: number): Promise<void> {
    for (let steps = 0; steps < STEPS_MAX; steps += 1) {
      const next = this.#queue[0];
      if (!next || next.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs);
        return;
      }
      this.runOne();
      await settle();
    }
    throw new Error(`more than ${STEPS_MAX} steps until ${untilMs} ms: something never rests`);
  }

  /** One step without its promises. False when there is none. */
  runOne(): boolean {
    const step = this.#queue.shift();
    if (!step) return false;
    this.nowMs = Math.max(this.nowMs, step.atMs);
    if (step.cancelled || this.#dead.has(step.owner)) return true;
    this.owner = step.owner;
    this.steps += 1;
    step.run();
    return true;
  }

  #insert(step: Step): void {
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.#queue[middle];
      if (at && (at.atMs < step.atMs || (at.atMs === step.atMs && at.order < step.order))) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, step);
  }
}

/** A wall clock that can be set, over the world's time. */
export class SiteClock implements TimerClock {
  offsetMs = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  nowMs(): number {
    return EPOCH_MS + Math.round(this.#world.nowMs) + this.offsetMs;
  }

  monotonicMs(): number {
    return this.#world.nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#world.after(delayMs, run);
  }
}

/** Lets every promise that can go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Rooms that use the system's timers use the world's meanwhile; gives the way back. */
export function virtualTimers(world: World): () => void {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const cancels = new Map<unknown, () => void>();
  const set = (run: () => void, delayMs = 0): object => {
    const handle = { ref: () => handle, unref: () => handle, hasRef: () => true };
    cancels.set(
      handle,
      world.after(delayMs, () => {
        cancels.delete(handle);
        run();
      }),
    );
    return handle;
  };
  const clear = (handle: unknown): void => {
    cancels.get(handle)?.();
    cancels.delete(handle);
  };
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  return () => Object.assign(globalThis, real);
}

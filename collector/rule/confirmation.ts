import type { SitePart } from "../config/index.ts";
import type { Condition } from "./finding.ts";
import type { DeviceMemory } from "./memory.ts";

/** Beyond two worst polls of the devices upstream. */
const HOLD_MARGIN_MS = 2_000;

export interface Held {
  device: string;
  condition: Condition;
  sinceMs: number;
  deadlineMs: number;
}

export interface Surroundings {
  upstreamOf(device: string): string[];
  memoryOf(device: string): DeviceMemory | undefined;
  isDown(device: string): boolean;
}

/**
 * A dead device is announced only after everything between it and the collector was looked at, so that the cause comes
 * first and the verdict can name it. A deadline keeps an undecided neighbour from holding the news for ever.
 */
export class Confirmation {
  readonly #held = new Map<string, Held>();
  readonly #askedMs = new Map<string, number>();
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Devices to poll at once after a first poll without an answer: this one and all before it. */
  suspects(device: string, nowMs: number, poll: SitePart["poll"]): string[] {
    const chain = [device, ...this.#around.upstreamOf(device)];
    const due = chain.filter(
      (name) => nowMs - (this.#askedMs.get(name) ?? Number.NEGATIVE_INFINITY) > worstPollMs(poll),
    );
    for (const name of due) this.#askedMs.set(name, nowMs);
    return due;
  }

  hold(device: string, condition: Condition, at: { sinceMs: number; nowMs: number; poll: SitePart["poll"] }): void {
    const deadlineMs = this.#held.get(device)?.deadlineMs ?? at.nowMs + 2 * worstPollMs(at.poll) + HOLD_MARGIN_MS;
    this.#held.set(device, { device, condition, sinceMs: at.sinceMs, deadlineMs });
  }

  drop(device: string): void {
    this.#held.delete(device);
    this.#askedMs.delete(device);
  }

  /** The next one whose surroundings are known, nearest to the collector first. Call until it gives none. */
  next(nowMs: number): Held | undefined {
    if (this.#held.size === 0) return undefined;
    const ready = [...this.#held.values()]
      .map((held) => ({ held, upstream: this.#around.upstreamOf(held.device) }))
      .toSorted((a, b) => a.upstream.length - b.upstream.length)
      .find(({ held, upstream }) => nowMs >= held.deadlineMs || upstream.every((name) => this.#isSettled(name, held)));
    if (ready) this.#held.delete(ready.held.device);
    return ready?.held;
  }

  #isSettled(upstream: string, held: Held): boolean {
    const memory = this.#around.memoryOf(upstream);
    if (!memory || this.#around.isDown(upstream)) return true;
    return memory.lastAnswered && memory.lastReadingMs >= held.sinceMs;
  }
}

function worstPollMs(poll: SitePart["poll"]): number {
  return poll.timeoutMs * (poll.retries + 1);
}

import { EventState, Severity } from "@watchpost/proto";
import type { TimerClock } from "../clock.ts";
import type { EventDraft } from "../outbox/index.ts";
import { fingerprintOf } from "../rule/index.ts";
import { Budget } from "./budget.ts";

export const WINDOW_MS = 60_000;
const SWEEP_MS = 1_000;
const MESSAGES_MAX = 10_000;
const UNDER_WAY_MAX = 4_000;

export interface TellerStats {
  /** Events made of messages. */
  told: number;
  /** Counted with an event that was told already. */
  repeats: number;
  /** Counted with a flood event, since their device or all together said too many different things. */
  flooded: number;
  /** Lost: too many events were on their way to disk, or it could not take them. */
  dropped: number;
}

export interface Teller {
  readonly stats: Readonly<TellerStats>;
  /** Counts a repeat of what was told lately, without a draft made. Undefined: it has to be told. */
  fold: (fingerprint: string) => Promise<boolean> | undefined;
  /** Resolves true once the event that stands for this message is durable, false when it was lost. */
  tell: (draft: EventDraft) => Promise<boolean>;
  stop: () => Promise<void>;
}

export interface TellerOptions {
  clock: TimerClock;
  emit: (draft: EventDraft) => Promise<void>;
  onError: (error: unknown) => void;
}

interface Told {
  draft: EventDraft;
  atMs: number;
  repeats: number;
  durable: Promise<boolean>;
}

/** Makes few events of many messages: the first of a kind at once, its repeats as one sum a window. */
export function createTeller({ clock, emit, onError }: TellerOptions): Teller {
  const stats = { told: 0, repeats: 0, flooded: 0, dropped: 0 };
  const told = new Map<string, Told>();
  const budget = new Budget();
  let underWay = 0;
  let cancel = clock.after(SWEEP_MS, sweep);

  async function append(draft: EventDraft): Promise<boolean> {
    if (underWay >= UNDER_WAY_MAX) {
      stats.dropped += 1;
      return false;
    }
    underWay += 1;
    try {
      await emit(draft);
      stats.told += 1;
      return true;
    } catch (error) {
      stats.dropped += 1;
      told.delete(draft.fingerprint);
      onError(error);
      return false;
    } finally {
      underWay -= 1;
    }
  }

  function remember(draft: EventDraft): Promise<boolean> {
    const oldest = told.size >= MESSAGES_MAX ? takeOldest(told) : undefined;
    if (oldest && oldest.repeats > 0) void append(summed(oldest, clock.nowMs()));
    const durable = append(draft);
    told.set(draft.fingerprint, { draft, atMs: clock.monotonicMs(), repeats: 0, durable });
    return durable;
  }

  function fold(fingerprint: string): Promise<boolean> | undefined {
    const entry = told.get(fingerprint);
    if (!entry) return undefined;
    entry.repeats += 1;
    stats.repeats += 1;
    return entry.durable;
  }

  function tell(draft: EventDraft): Promise<boolean> {
    const folded = fold(draft.fingerprint);
    if (folded) return folded;
    const allowed = budget.take(draft.device, clock.monotonicMs());
    if (allowed === "yes") return remember(draft);
    stats.flooded += 1;
    const flood = floodDraft(draft, allowed === "all" ? "" : draft.device);
    return fold(flood.fingerprint) ?? remember(flood);
  }

  /** Ends the windows that are over; the sum of one opens the next. */
  function sweep(): void {
    const nowMs = clock.monotonicMs();
    for (const [fingerprint, entry] of told) {
      // In the order of telling: the first that is younger ends the round.
      if (nowMs - entry.atMs < WINDOW_MS) break;
      told.delete(fingerprint);
      if (entry.repeats > 0) void remember(summed(entry, clock.nowMs()));
    }
    cancel = clock.after(SWEEP_MS, sweep);
  }

  return {
    stats,
    fold,
    tell,
    async stop() {
      cancel();
      const sums = [...told.values()].filter((entry) => entry.repeats > 0);
      told.clear();
      await Promise.all(sums.map((entry) => append(summed(entry, clock.nowMs()))));
    },
  };
}

function takeOldest(told: Map<string, Told>): Told | undefined {
  const [oldest] = told;
  if (oldest) told.delete(oldest[0]);
  return oldest?.[1];
}

function summed({ draft, repeats }: Told, nowMs: number): EventDraft {
  const base = draft.attributes["base_summary"] ?? draft.summary;
  return {
    ...draft,
    observedAtMs: Math.max(nowMs, draft.observedAtMs),
    summary: `${base} (${repeats === 1 ? "once" : `${repeats} times`} more in ${WINDOW_MS / 1_000} s)`,
    attributes: { ...draft.attributes, base_summary: base, repeats: String(repeats) },
  };
}

function floodDraft({ kind, observedAtMs }: EventDraft, device: string): EventDraft {
  const who = device === "" ? "Devices and strangers together send" : `${device} sends`;
  return {
    kind,
    state: EventState.MOMENT,
    severity: Severity.WARNING,
    device,
    object: "",
    fingerprint: fingerprintOf({ kind, device, rule: "flood" }),
    observedAtMs,
    summary: `${who} more different messages than are told in ${WINDOW_MS / 1_000} s; the rest is counted here`,
    attributes: {},
  };
}

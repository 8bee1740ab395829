import { EventKind } from "@watchpost/proto";
import type { StoredEvent } from "./hub.ts";

export interface Counts {
  eventsKept: number;
  eventsStored: number;
  eventsGivenUp: number;
  samplesKept: number;
  samplesDelivered: number;
  samplesCounted: number;
}

/** What the collector promised to keep, and what arrived: the two are compared at the end. */
export class Ledger {
  readonly keptEvents = new Set<string>();
  /** Each sample has a value of its own. */
  readonly keptSamples = new Set<number>();
  readonly deliveredSamples = new Set<number>();
  /** Refused, handed in when the collector died, or sent by a life that died before it noted so: they may count as lost. */
  readonly unsureSamples = new Set<number>();
  /** Records that a crash tore are counted by their size. */
  tornSamplesMax = 0;
  /** A bit on disk was turned: losses are allowed, when they are told. */
  damaged = false;

  /** Every promise that was broken, in words; none in a good run. */
  violations(stored: readonly StoredEvent[]): string[] {
    return [
      ...this.eventsLost(stored),
      ...storedTwice(stored),
      ...outOfOrder(stored),
      ...this.samplesUnaccounted(stored),
    ];
  }

  counts(stored: readonly StoredEvent[]): Counts {
    return {
      eventsKept: this.keptEvents.size,
      eventsStored: stored.length,
      eventsGivenUp: stored.filter(({ event }) => event.fingerprint === "gap//outbox").length,
      samplesKept: this.keptSamples.size,
      samplesDelivered: this.deliveredSamples.size,
      samplesCounted: countedSamples(stored),
    };
  }

  private eventsLost(stored: readonly StoredEvent[]): string[] {
    const arrived = new Set(stored.map(({ event }) => event.device));
    const missing = [...this.keptEvents].filter((id) => !arrived.has(id));
    if (missing.length === 0) return [];
    const told = stored.filter(({ event }) => event.fingerprint === "gap//outbox");
    if (missing.length <= told.length) return [];
    return [
      `${missing.length} acknowledged events never arrived (${told.length} told as lost): ${missing.slice(0, 5)}`,
    ];
  }

  private samplesUnaccounted(stored: readonly StoredEvent[]): string[] {
    const missing = [...this.keptSamples].filter((value) => !this.deliveredSamples.has(value));
    const counted = countedSamples(stored);
    const problems: string[] = [];
    if (missing.length > counted) {
      problems.push(
        `${missing.length} acknowledged samples neither arrived nor are counted (${counted} are): ${missing.slice(0, 5)}`,
      );
    }
    const countedMax = missing.length + this.unsureSamples.size + this.tornSamplesMax;
    if (!this.damaged && counted > countedMax) {
      problems.push(`${counted} samples are counted as lost, but only ${missing.length} are missing`);
    }
    return problems;
  }
}

function storedTwice(stored: readonly StoredEvent[]): string[] {
  const seen = new Set<string>();
  const twice = stored.filter(({ event }) => {
    if (event.kind === EventKind.GAP) return false;
    const isRepeated = seen.has(event.device);
    seen.add(event.device);
    return isRepeated;
  });
  return twice.length === 0
    ? []
    : [`${twice.length} events are stored twice: ${twice.slice(0, 5).map((s) => s.event.device)}`];
}

/** In each numbering: ascending by one, and in the order in which they were handed in. */
function outOfOrder(stored: readonly StoredEvent[]): string[] {
  const problems: string[] = [];
  const last = new Map<string, { seq: bigint; number: number }>();
  for (const { epoch, event } of stored) {
    const before = last.get(epoch) ?? { seq: 0n, number: -1 };
    const number = event.kind === EventKind.GAP ? before.number : Number(event.device.slice(1));
    if (event.seq !== before.seq + 1n) problems.push(`event ${event.seq} follows ${before.seq}`);
    if (number < before.number) problems.push(`${event.device} is stored after e${before.number}`);
    last.set(epoch, { seq: event.seq, number });
  }
  return problems.slice(0, 3);
}

/** A gap that is told twice has the same id. */
function countedSamples(stored: readonly StoredEvent[]): number {
  const gaps = new Map<string, number>();
  for (const { event } of stored) {
    const { gap_id: id, samples } = event.attributes;
    if (event.kind === EventKind.GAP && samples !== undefined) gaps.set(`${id}/${event.fingerprint}`, Number(samples));
  }
  return [...gaps.values()].reduce((sum, samples) => sum + samples, 0);
}

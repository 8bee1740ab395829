/**
 * Exact counters for a store of float64. A raw value up to 2^53 is passed on as it is. Beyond it a float64 loses units,
 * so there the emitted value runs apart from the raw one: it grows by the exact difference, and where it would pass
 * 2^53 it falls to that difference itself, which every PromQL function reads as a reset and adds in full.
 */
export const EXACT_MAX = 2 ** 53;

const WRAP = { 32: 1n << 32n, 64: 1n << 64n } as const;
/** A 64-bit counter going backwards by more than this did not wrap: it was set back. */
const WRAP_64_DELTA_MAX = 1n << 53n;

export interface CounterState {
  /** The last raw value. */
  raw: bigint;
  /** The last emitted value: an integer of at most 2^53. */
  emitted: number;
  bits: 32 | 64;
}

export interface CounterInput {
  raw: bigint;
  bits: 32 | 64;
  /** The device rebooted, or this counter was set back: what lies between is not known. */
  startsAnew: boolean;
  /** More than the line can carry in the time: then a step backwards was no wrap. */
  deltaMax: number;
  /** The most that a counter which started anew since then can have counted. */
  resetMax: number;
}

/** The state after a raw value; its `emitted` is the sample. */
export function nextCounter(before: CounterState | undefined, input: CounterInput): CounterState {
  const { raw, bits } = input;
  if (!before) return { raw, bits, emitted: Number(raw % BigInt(EXACT_MAX)) };
  // Another counter of the same traffic, which says nothing of what came since the last value of this one.
  if (before.bits !== bits) return { raw, bits, emitted: before.emitted };
  const delta = input.startsAnew ? undefined : deltaOf(before.raw, input);
  if (delta === undefined) return { raw, bits, emitted: afterReset(before.emitted, input) };
  // Compared as a difference: the sum itself may round down to 2^53.
  if (delta <= EXACT_MAX - before.emitted) return { raw, bits, emitted: before.emitted + delta };
  // Only a fall is read as a reset: a difference above the last value, petabytes in one interval, is given up instead.
  return { raw, bits, emitted: delta < before.emitted ? delta : 0 };
}

/** Exact difference since the last value; undefined when the counter was set back. */
function deltaOf(last: bigint, { raw, bits, deltaMax }: CounterInput): number | undefined {
  if (raw >= last) return raw - last < WRAP_64_DELTA_MAX ? Number(raw - last) : undefined;
  const wrapped = raw - last + WRAP[bits];
  if (wrapped >= WRAP_64_DELTA_MAX || Number(wrapped) > deltaMax) return undefined;
  return Number(wrapped);
}

/**
 * A fall to the raw value counts what came since the reset. Where it would be no fall, or more than can have come (an agent
 * that restarted while its counters went on), nothing is counted: never too much.
 */
function afterReset(emitted: number, { raw, resetMax }: CounterInput): number {
  return raw < BigInt(emitted) && Number(raw) <= resetMax ? Number(raw) : emitted;
}

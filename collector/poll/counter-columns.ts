import type { InterfaceReading } from "./reading.ts";

/** Counters of a device's interfaces as columns, for who reads all of them with every poll. */
export interface CounterColumns {
  /** Those of interface i are the ones from firsts[i] up to firsts[i + 1]. */
  readonly firsts: Int32Array;
  /** Where each stands in `numbers`. */
  readonly cells: Int32Array;
  /** Of the latest poll; only what is below Number.MAX_SAFE_INTEGER is exact. */
  readonly numbers: Float64Array;
}

const known = new WeakMap<readonly InterfaceReading[], CounterColumns>();

export function tellCounterColumns(interfaces: readonly InterfaceReading[], columns: CounterColumns): void {
  known.set(interfaces, columns);
}

/** The columns behind a reading's list of interfaces; undefined where it has none. */
export function counterColumnsOf(interfaces: readonly InterfaceReading[]): CounterColumns | undefined {
  return known.get(interfaces);
}

import type { Cells } from "../device/snmp/index.ts";
import type { Profile } from "../profile/index.ts";
import { fastLayout, type Layout, slowOids } from "./layout.ts";
import { type Column, Polled } from "./polled.ts";
import type { DeviceState } from "./state.ts";

const SLOW_VALUES_MAX = 100_000;

/** After a poll that read everything: keeps what moves slowly, and plans the next polls without what is not there. */
export function learn(state: DeviceState, read: { profile: Profile; layout: Layout; cells: Cells }): void {
  const { profile, layout, cells } = read;
  const polled = new Polled({ cells, layout, remembered: new Map() });
  const slow = new Map<string, Column>();
  let values = 0;
  for (const oid of slowOids(profile)) {
    const column = polled.column(oid);
    values += column.size;
    if (column.size > 0 && values <= SLOW_VALUES_MAX) slow.set(oid, column);
  }
  const count = (oid: string | undefined): number =>
    oid === undefined ? 0 : cells.length(layout.numbers.get(oid) ?? -1);
  const absent = new Set([...layout.numbers.keys()].filter((oid) => count(oid) === 0));
  const { interfaces } = profile;
  if (interfaces) {
    if (count(interfaces.name) >= count(interfaces.description)) absent.add(interfaces.description);
    for (const { wide, narrow } of Object.values(interfaces.counters))
      if (narrow !== undefined && wide !== undefined && count(wide) >= count(narrow)) absent.add(narrow);
  }
  state.slow = slow;
  state.fast = fastLayout(profile, absent);
  state.pollsSinceFull = 0;
  state.valuesExpected = Math.max(64, cells.count);
}

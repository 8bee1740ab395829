import { type Cells, sheetOf } from "../device/snmp/index.ts";
import type { Profile } from "../profile/index.ts";
import { fastLayout, interfaceMarks, interfaceWords, type Layout, slowLayout, slowOids, SYSTEM } from "./layout.ts";
import { type Column, Polled, SlowColumns } from "./polled.ts";
import { areAmbiguous } from "./read/interface-name.ts";
import type { DeviceState } from "./state.ts";

const SLOW_VALUES_MAX = 100_000;
const SHEET_VALUES_MAX = 100_000;
const MISFITS_MAX = 3;
/** Usual polls between two that read everything. */
export const FULL_EVERY_POLLS = 10;

/** After a poll that read everything: keeps what moves slowly, and plans the next polls without what is not there. */
export function learn(state: DeviceState, read: { profile: Profile; layout: Layout; cells: Cells }): void {
  const { profile, layout, cells } = read;
  const polled = new Polled({ cells, layout, remembered: new Map() });
  const count = (oid: string | undefined): number =>
    oid === undefined ? 0 : cells.length(layout.numbers.get(oid) ?? -1);
  const { interfaces } = profile;
  const redundant = new Set<string>();
  if (interfaces) {
    for (const { wide, narrow } of Object.values(interfaces.counters))
      if (narrow !== undefined && wide !== undefined && count(narrow) > 0 && count(wide) >= count(narrow))
        redundant.add(narrow);
  }
  const leftOut = new Set([...redundant, ...[...layout.numbers.keys()].filter((oid) => count(oid) === 0)]);
  // Kept all the same, for the ports that have no name.
  if (interfaces && count(interfaces.name) >= count(interfaces.description)) leftOut.add(interfaces.description);
  const tellsChanges = count(SYSTEM.tableChange) > 0;
  if (tellsChanges) for (const oid of interfaceWords(profile)) leftOut.add(oid);
  const named = interfaces && count(interfaces.name) > 0 ? interfaces.name : interfaces?.description;
  // Two ports of one name that swap places look like one another: their marks must come with their numbers.
  const needsMarks = !tellsChanges && areAmbiguous(polled.column(named).values());
  const fast = fastLayout(profile, leftOut, needsMarks ? interfaceMarks(profile) : []);
  if (state.pollsSinceFull >= FULL_EVERY_POLLS) state.misfits = Math.max(0, state.misfits - 1);
  state.fast = fast;
  state.sheets = undefined;
  state.board = undefined;
  // Rows that come and go all the time are read without a sheet: one that never fits costs a second walk.
  if (state.misfits < MISFITS_MAX && cells.count <= SHEET_VALUES_MAX) {
    const rest = slowLayout(layout, fast, redundant);
    const slow = sheetOf(cells, numbered(rest, layout));
    slow.shareNumbers();
    state.sheets = { fast: sheetOf(cells, numbered(fast, layout)), slow, slowLayout: rest };
    state.slow = new SlowColumns(slow, rest);
  } else state.slow = remembered(profile, polled);
  state.tableChange = polled.scalarNumber(SYSTEM.tableChange);
  state.pollsSinceFull = 0;
  state.valuesExpected = Math.max(64, cells.count);
}

/** Columns that move slowly, without a sheet to hold them. */
function remembered(profile: Profile, polled: Polled): Map<string, Column> {
  const slow = new Map<string, Column>();
  let values = 0;
  for (const oid of slowOids(profile)) {
    const column = polled.column(oid);
    values += column.size;
    if (column.size > 0 && values <= SLOW_VALUES_MAX) slow.set(oid, column);
  }
  return slow;
}

function numbered(part: Layout, full: Layout) {
  const numbers = [...part.numbers.keys()].map((oid) => full.numbers.get(oid) ?? -1);
  return { scalars: part.scalars, columns: part.columns, numbers };
}

import { NAME_CHARS_MAX } from "./text.ts";

interface Named {
  index: string;
  name: string;
  mac: string;
  alias: string;
}

/**
 * Names that tell interfaces apart and stay when ifIndex moves. Of several with one name each gets its address behind it,
 * else its alias, and only where both say nothing its index. Told by the row alone: after a restart the names are the same.
 */
export function interfaceNames(rows: readonly Named[]): string[] {
  const groups = Map.groupBy(rows, ({ name }) => name);
  if (groups.size === rows.length) return rows.map(({ name }) => name);
  const labels = new Map<Named, string>();
  for (const group of groups.values())
    if (group.length > 1) for (const [row, label] of labelsOf(group)) labels.set(row, `${row.name} (${label})`);
  const names = rows.map((row) => labels.get(row) ?? row.name);
  const uses = Map.groupBy(names, (name) => name);
  return names.map((name, i) => ((uses.get(name)?.length ?? 0) > 1 ? `${name} (${rows[i]?.index})` : name));
}

function labelsOf(group: readonly Named[]): [Named, string][] {
  const macs = Map.groupBy(group, ({ mac }) => mac);
  const aliases = Map.groupBy(group, ({ alias }) => alias);
  return group.map((row) => {
    if (/[1-9a-f]/.test(row.mac) && macs.get(row.mac)?.length === 1) return [row, row.mac];
    // An alias in digits could be another's index.
    const tells = /[^\d\s]/.test(row.alias) && aliases.get(row.alias)?.length === 1;
    return [row, tells ? row.alias.slice(0, NAME_CHARS_MAX) : row.index];
  });
}

/** Whether names alone do not tell the interfaces apart: then what does is read with every poll. */
export function areAmbiguous(names: Iterable<{ text: string }>): boolean {
  const texts = Array.from(names, ({ text }) => text);
  return new Set(texts).size < texts.length;
}

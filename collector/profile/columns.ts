import type { Profile, SensorTable, TextSource } from "./schema.ts";

/** What a profile reads: `fast` with every poll, `slow` when it starts and every so many polls. */
export interface Columns {
  fast: { scalars: string[]; columns: string[] };
  slow: { scalars: string[]; columns: string[] };
}

class Collected {
  readonly scalars = new Set<string>();
  readonly columns = new Set<string>();

  add(kind: "scalars" | "columns", ...oids: (string | undefined)[]): void {
    for (const oid of oids) if (oid !== undefined) this[kind].add(oid);
  }

  place(at: { scalar?: string | undefined; column?: string | undefined } | undefined): void {
    this.add("scalars", at?.scalar);
    this.add("columns", at?.column);
  }
}

/** Every OID of a profile, once. */
export function columnsOf(profile: Profile): Columns {
  const fast = new Collected();
  const slow = new Collected();
  for (const sources of Object.values(profile.identity)) for (const source of sources ?? []) addSource(source, slow);
  addStandardTables(profile, fast, slow);
  for (const processor of profile.processors) {
    fast.place(processor);
    slow.add("columns", processor.name.column, processor.present);
  }
  for (const { rows, size, used, free, usedPercent, name } of profile.pools) {
    fast.add(rows ? "columns" : "scalars", size, used, free, usedPercent);
    slow.add("columns", name.column);
  }
  for (const sensor of profile.sensors) addSensor(sensor, fast, slow);
  for (const metric of profile.metrics) {
    fast.place(metric);
    slow.add("columns", metric.present);
    for (const label of Object.values(metric.labels)) slow.add("columns", label.column);
  }
  return withoutRepeats(fast, slow);
}

/** An OID that is asked with every poll is not asked slowly too; one that is a column somewhere is none of the scalars. */
function withoutRepeats(fast: Collected, slow: Collected): Columns {
  const scalars = [...fast.scalars].filter((oid) => !fast.columns.has(oid));
  const known = new Set([...fast.scalars, ...fast.columns]);
  const slowScalars = [...slow.scalars].filter((oid) => !known.has(oid) && !slow.columns.has(oid));
  const slowColumns = [...slow.columns].filter((oid) => !known.has(oid));
  return { fast: { scalars, columns: [...fast.columns] }, slow: { scalars: slowScalars, columns: slowColumns } };
}

function addSource(source: TextSource, slow: Collected): void {
  if ("scalar" in source) slow.add("scalars", source.scalar);
  else if ("column" in source) slow.add("columns", source.column, source.where?.column);
}

function addSensor(sensor: SensorTable, fast: Collected, slow: Collected): void {
  fast.place(sensor.value);
  fast.place(sensor.state);
  slow.add("columns", sensor.name.column, sensor.where?.column);
}

function addStandardTables(profile: Profile, fast: Collected, slow: Collected): void {
  const { interfaces, storages, lldp, lldpV2, cdp, addresses } = profile;
  if (interfaces) {
    const { name, description, adminStatus, operStatus, highSpeed, discontinuity } = interfaces;
    fast.add("columns", name, description, adminStatus, operStatus, highSpeed, discontinuity);
    for (const counter of Object.values(interfaces.counters)) fast.add("columns", counter.wide, counter.narrow);
    slow.add("columns", interfaces.alias, interfaces.type, interfaces.mac, interfaces.speed);
  }
  if (storages) {
    fast.add("columns", storages.size, storages.used);
    slow.add("columns", storages.name, storages.type, storages.unitBytes);
  }
  for (const { value, status, name, description, type, scale, precision } of profile.entitySensors) {
    fast.add("columns", value, status);
    slow.add("columns", name, description, type, scale, precision);
  }
  for (const heard of profile.neighbours) slow.add("columns", heard.remoteSystem, heard.remotePort, heard.interface);
  for (const table of [lldp, lldpV2, cdp, addresses]) if (table) slow.add("columns", ...Object.values(table));
}

import type { Profile, TextSource } from "./schema.ts";

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
}

/** Every OID of a profile, once. */
export function columnsOf(profile: Profile): Columns {
  const fast = new Collected();
  const slow = new Collected();
  for (const sources of Object.values(profile.identity)) for (const source of sources ?? []) addSource(source, slow);
  addStandardTables(profile, fast, slow);
  for (const processor of profile.processors) {
    fast.add("columns", processor.column);
    fast.add("scalars", processor.scalar);
  }
  for (const memory of profile.memory) fast.add("scalars", memory.size, memory.free);
  for (const sensor of profile.sensors) {
    fast.add("columns", sensor.value?.column, sensor.state?.column);
    slow.add("columns", sensor.name.column);
  }
  for (const metric of profile.metrics) {
    fast.add("columns", metric.column);
    fast.add("scalars", metric.scalar);
    for (const label of Object.values(metric.labels)) slow.add("columns", label.column);
  }
  const known = new Set([...fast.scalars, ...fast.columns]);
  const rest = (oids: Set<string>) => [...oids].filter((oid) => !known.has(oid));
  return {
    fast: { scalars: [...fast.scalars], columns: [...fast.columns] },
    slow: { scalars: rest(slow.scalars), columns: rest(slow.columns) },
  };
}

function addSource(source: TextSource, slow: Collected): void {
  if ("scalar" in source) slow.add("scalars", source.scalar);
  else if ("column" in source) slow.add("columns", source.column, source.where?.column);
}

function addStandardTables(profile: Profile, fast: Collected, slow: Collected): void {
  const { interfaces, storages, entitySensors, lldp } = profile;
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
  if (entitySensors) {
    fast.add("columns", entitySensors.value, entitySensors.status);
    slow.add("columns", entitySensors.name, entitySensors.type, entitySensors.scale, entitySensors.precision);
  }
  if (lldp) slow.add("columns", ...Object.values(lldp));
}

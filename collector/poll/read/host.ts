import type { Profile } from "../../profile/index.ts";
import type { Column, Polled } from "../polled.ts";
import type { Answered, StorageReading } from "../reading.ts";
import { numberOf, scaled } from "./number.ts";
import { distinctNames, NAME_CHARS_MAX, rowName } from "./text.ts";

const STORAGES_MAX = 2_000;
const PROCESSORS_MAX = 2_000;

export function readStorages(profile: Profile, polled: Polled): StorageReading[] {
  return [...fromTable(profile.storages, polled), ...fromPools(profile.pools, polled)].slice(0, STORAGES_MAX);
}

function fromTable(spec: Profile["storages"], polled: Polled): StorageReading[] {
  if (!spec) return [];
  const used = polled.column(spec.used);
  const unit = polled.column(spec.unitBytes);
  const names = polled.column(spec.name);
  const rows = [...polled.column(spec.size)].map(([index, size]) => ({
    index,
    size: size.number,
    name: (names.get(index)?.text ?? index).slice(0, NAME_CHARS_MAX),
  }));
  const distinct = distinctNames(rows);
  return rows.flatMap(({ index, size }, i) => {
    const unitBytes = unit.get(index)?.number ?? Number.NaN;
    const usedBytes = (used.get(index)?.number ?? Number.NaN) * unitBytes;
    const sizeBytes = size * unitBytes;
    if (!Number.isFinite(usedBytes) || !(sizeBytes > 0)) return [];
    return [{ name: distinct[i] ?? index, kind: storageKind(spec, polled, index), usedBytes, sizeBytes }];
  });
}

function storageKind(spec: NonNullable<Profile["storages"]>, polled: Polled, index: string): StorageReading["kind"] {
  const type = polled.column(spec.type).get(index)?.text ?? "";
  if (spec.memoryTypes.includes(type)) return "memory";
  return spec.diskTypes.includes(type) ? "disk" : "other";
}

function fromPools(specs: Profile["pools"], polled: Polled): StorageReading[] {
  return specs.flatMap((spec) => {
    const { kind, unitBytes } = spec;
    const [sizes, used, free, percents] = [spec.size, spec.used, spec.free, spec.usedPercent].map((oid) =>
      polled.column(oid),
    );
    const indexes = new Set([...(sizes?.keys() ?? []), ...(used?.keys() ?? [])]);
    const rows = [...indexes].map((index) => ({ index, name: rowName(spec.name, index, polled) }));
    const names = distinctNames(rows);
    return rows.flatMap(({ index }, i) => {
      const at = (column: Column | undefined) => numberOf(column?.get(index));
      const [usedUnits, sizeUnits] = usageOf({
        size: at(sizes),
        used: at(used),
        free: at(free),
        percent: at(percents),
      });
      if (!(sizeUnits > 0) || !(usedUnits >= 0) || usedUnits > sizeUnits) return [];
      return [{ name: names[i] ?? index, kind, usedBytes: usedUnits * unitBytes, sizeBytes: sizeUnits * unitBytes }];
    });
  });
}

/** What is used and the whole, from whichever two an agent tells. */
function usageOf(of: { size: number; used: number; free: number; percent: number }): [used: number, size: number] {
  const size = Number.isFinite(of.size) ? of.size : of.used + of.free;
  if (Number.isFinite(of.used)) return [of.used, size];
  return [Number.isFinite(of.free) ? size - of.free : (size * of.percent) / 100, size];
}

/** The first table that the device has: a vendor's own says more than the general one, and both would count twice. */
export function readProcessors(specs: Profile["processors"], polled: Polled): Answered["processors"] {
  for (const spec of specs) {
    const readings = numbersOf(spec, polled).map(({ index, number }) => ({
      name: rowName(spec.name, index, polled),
      usageRatio: number,
    }));
    if (readings.length > 0) return readings.slice(0, PROCESSORS_MAX);
  }
  return [];
}

const METRIC_ROWS_MAX = 5_000;

export function readMetrics(specs: Profile["metrics"], polled: Polled): Answered["metrics"] {
  const metrics = specs.flatMap((spec) =>
    numbersOf(spec, polled).map(({ index, number }) => {
      const labels = Object.entries(spec.labels).map(([label, name]) => [label, rowName(name, index, polled)]);
      return { name: spec.name, labels: Object.fromEntries(labels) as Record<string, string>, value: number };
    }),
  );
  return metrics.slice(0, METRIC_ROWS_MAX);
}

type Numbered = Profile["processors"][number] | Profile["metrics"][number];

/** The rows that say a number, scaled. */
function numbersOf({ column, scalar, present, scale, offset }: Numbered, polled: Polled) {
  const parts = present === undefined ? undefined : polled.column(present);
  return [...polled.column(column ?? scalar)].flatMap(([index, value]) => {
    if (parts && !(numberOf(parts.get(index)) > 0)) return [];
    const number = scaled(numberOf(value), scale) + offset;
    return Number.isFinite(number) ? [{ index, number }] : [];
  });
}

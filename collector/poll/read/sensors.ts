import { extract, type Profile, type SensorTable } from "../../profile/index.ts";
import type { Column, Polled, Value } from "../polled.ts";
import type { SensorReading } from "../reading.ts";
import { entitySensorValue, entitySensorKind } from "./entity-sensor.ts";
import { numberOf, scaled } from "./number.ts";
import { distinctNames, NAME_CHARS_MAX, rowName } from "./text.ts";

const SENSORS_MAX = 5_000;

type Row = { index: string; name: string; sensor: Omit<SensorReading, "name"> };

export function readSensors(profile: Profile, polled: Polled): SensorReading[] {
  const taken = new Set<string>();
  const rows = [
    ...profile.sensors.flatMap((table) => fromTable(table, polled, taken)),
    ...fromEntities(profile, polled),
  ];
  const byClass = Map.groupBy(rows.slice(0, SENSORS_MAX), (row) => row.sensor.class);
  return [...byClass.values()].flatMap((group) => {
    const names = distinctNames(group);
    return group.map(({ sensor }, i) => ({ ...sensor, name: names[i] ?? "" }));
  });
}

function fromTable(table: SensorTable, polled: Polled, taken: Set<string>): Row[] {
  const values = columnAt(table.value, polled);
  const states = columnAt(table.state, polled);
  const { where } = table;
  const guard = where && polled.column(where.column);
  return [...new Set([...values.keys(), ...states.keys()])].flatMap((index) => {
    if (where && !admits(where, guard?.get(index), { taken, row: `${where.column} ${index}` })) return [];
    const code = states.get(index);
    if (code && isOneOf(table.state?.absent ?? [], code)) return [];
    const value = valueOf(table, numberOf(values.get(index)));
    if (value === null && code === undefined) return [];
    const sensor = { class: table.class, value, unit: table.unit, state: stateOf(table, code, value) };
    return [{ index, name: rowName(table.name, index, polled), sensor }];
  });
}

type Guard = NonNullable<SensorTable["where"]>;

/** Whether a row belongs to the table. By words it belongs to the first alone that they fit: "PS1 Fan" is no supply. */
function admits(where: Guard, value: Value | undefined, { taken, row }: { taken: Set<string>; row: string }): boolean {
  if ("in" in where) return where.in.includes(value?.number ?? Number.NaN);
  if (taken.has(row) || extract(value?.text ?? "", where.matches) === "") return false;
  taken.add(row);
  return true;
}

function columnAt(
  at: { column?: string | undefined; scalar?: string | undefined } | undefined,
  polled: Polled,
): Column {
  return polled.column(at?.column ?? at?.scalar);
}

function valueOf({ value }: SensorTable, number: number): number | null {
  if (!value || !Number.isFinite(number) || value.absent.includes(number)) return null;
  return scaled(number, value.scale) + value.offset;
}

function stateOf(
  { state, limits }: SensorTable,
  code: Value | undefined,
  value: number | null,
): SensorReading["state"] {
  if (code !== undefined && state) {
    if (isOneOf(state.ok, code)) return "ok";
    if (isOneOf(state.warning, code)) return "warning";
    return isOneOf(state.failed, code) ? "failed" : "unknown";
  }
  if (value === null) return "unknown";
  const {
    failedAbove = Infinity,
    failedBelow = -Infinity,
    warningAbove = Infinity,
    warningBelow = -Infinity,
  } = limits ?? {};
  if (value > failedAbove || value < failedBelow) return "failed";
  return value > warningAbove || value < warningBelow ? "warning" : "ok";
}

function isOneOf(codes: readonly (number | string)[], value: Value): boolean {
  const number = numberOf(value);
  const word = value.text.toLowerCase();
  return codes.some((code) => (typeof code === "number" ? code === number : code.toLowerCase() === word));
}

const ENTITY_OK = 1;
const ENTITY_NONOPERATIONAL = 3;

/** Of several such tables (the standard's and a vendor's of the same shape) the first that has a row gives its sensor. */
function fromEntities(profile: Profile, polled: Polled): Row[] {
  const rows = new Map<string, Row>();
  for (const spec of profile.entitySensors)
    for (const row of fromEntity(spec, polled)) if (!rows.has(row.index)) rows.set(row.index, row);
  return [...rows.values()];
}

function fromEntity(spec: Profile["entitySensors"][number], polled: Polled): Row[] {
  const names = polled.column(spec.name);
  const descriptions = polled.column(spec.description);
  const types = polled.column(spec.type);
  const scales = polled.column(spec.scale);
  const precisions = polled.column(spec.precision);
  const statuses = polled.column(spec.status);
  return [...polled.column(spec.value)].flatMap(([index, raw]) => {
    const number = numberOf(raw);
    const kind = entitySensorKind(types.get(index)?.number ?? 0);
    if (!kind || !Number.isFinite(number)) return [];
    const status = statuses.get(index)?.number ?? ENTITY_OK;
    const scale = scales.get(index)?.number ?? 9;
    const precision = precisions.get(index)?.number ?? 0;
    const name = names.get(index)?.text || (descriptions.get(index)?.text ?? "");
    return [
      {
        index,
        name: (name === "" ? `${kind.class} ${index}` : name).slice(0, NAME_CHARS_MAX),
        sensor: {
          class: kind.class,
          unit: kind.unit,
          value: status === ENTITY_OK ? scaled(entitySensorValue({ number, scale, precision }), kind.factor) : null,
          state: status === ENTITY_OK ? "ok" : status === ENTITY_NONOPERATIONAL ? "failed" : "unknown",
        },
      },
    ];
  });
}

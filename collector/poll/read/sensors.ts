import type { Profile, SensorTable } from "../../profile/index.ts";
import type { Column, Polled } from "../polled.ts";
import type { SensorReading } from "../reading.ts";
import { entitySensorValue, entitySensorKind } from "./entity-sensor.ts";
import { distinctNames, NAME_CHARS_MAX, rowName } from "./text.ts";

const SENSORS_MAX = 5_000;

type Row = { index: string; name: string; sensor: Omit<SensorReading, "name"> };

export function readSensors(profile: Profile, polled: Polled): SensorReading[] {
  const rows = [...profile.sensors.flatMap((table) => fromTable(table, polled)), ...fromEntities(profile, polled)];
  const byClass = Map.groupBy(rows.slice(0, SENSORS_MAX), (row) => row.sensor.class);
  return [...byClass.values()].flatMap((group) => {
    const names = distinctNames(group);
    return group.map(({ sensor }, i) => ({ ...sensor, name: names[i] ?? "" }));
  });
}

function fromTable(table: SensorTable, polled: Polled): Row[] {
  const values = columnAt(table.value, polled);
  const states = columnAt(table.state, polled);
  const guard = table.where && polled.column(table.where.column);
  return [...new Set([...values.keys(), ...states.keys()])].flatMap((index) => {
    if (guard && !table.where?.in.includes(guard.get(index)?.number ?? Number.NaN)) return [];
    const code = states.get(index)?.number;
    if (code !== undefined && table.state?.absent.includes(code)) return [];
    const value = valueOf(table, values.get(index)?.number ?? Number.NaN);
    if (value === null && code === undefined) return [];
    const sensor = { class: table.class, value, unit: table.unit, state: stateOf(table, code, value) };
    return [{ index, name: rowName(table.name, index, polled), sensor }];
  });
}

function columnAt(
  at: { column?: string | undefined; scalar?: string | undefined } | undefined,
  polled: Polled,
): Column {
  return polled.column(at?.column ?? at?.scalar);
}

function valueOf({ value }: SensorTable, number: number): number | null {
  if (!value || !Number.isFinite(number) || value.absent.includes(number)) return null;
  return number * value.scale + value.offset;
}

function stateOf(
  { state, limits }: SensorTable,
  code: number | undefined,
  value: number | null,
): SensorReading["state"] {
  if (code !== undefined && state) {
    if (state.ok.includes(code)) return "ok";
    if (state.warning.includes(code)) return "warning";
    return state.failed.includes(code) ? "failed" : "unknown";
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
  const types = polled.column(spec.type);
  const scales = polled.column(spec.scale);
  const precisions = polled.column(spec.precision);
  const statuses = polled.column(spec.status);
  return [...polled.column(spec.value)].flatMap(([index, { number }]) => {
    const kind = entitySensorKind(types.get(index)?.number ?? 0);
    if (!kind || !Number.isFinite(number)) return [];
    const status = statuses.get(index)?.number ?? ENTITY_OK;
    const scale = scales.get(index)?.number ?? 9;
    const precision = precisions.get(index)?.number ?? 0;
    const name = names.get(index)?.text ?? "";
    return [
      {
        index,
        name: (name === "" ? `${kind.class} ${index}` : name).slice(0, NAME_CHARS_MAX),
        sensor: {
          class: kind.class,
          unit: kind.unit,
          value: status === ENTITY_OK ? entitySensorValue({ number, scale, precision }) * kind.factor : null,
          state: status === ENTITY_OK ? "ok" : status === ENTITY_NONOPERATIONAL ? "failed" : "unknown",
        },
      },
    ];
  });
}

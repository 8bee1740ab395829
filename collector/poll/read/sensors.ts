import type { Profile, SensorTable } from "../../profile/index.ts";
import type { Polled } from "../polled.ts";
import type { SensorReading } from "../reading.ts";
import { entitySensorValue, entitySensorKind } from "./entity-sensor.ts";
import { distinctNames, NAME_CHARS_MAX, rowName } from "./text.ts";

const SENSORS_MAX = 5_000;

type Row = { index: string; name: string; sensor: Omit<SensorReading, "name"> };

export function readSensors(profile: Profile, polled: Polled): SensorReading[] {
  const rows = [
    ...profile.sensors.flatMap((table) => fromTable(table, polled)),
    ...fromEntity(profile.entitySensors, polled),
  ].slice(0, SENSORS_MAX);
  const byClass = Map.groupBy(rows, (row) => row.sensor.class);
  return [...byClass.values()].flatMap((group) => {
    const names = distinctNames(group);
    return group.map(({ sensor }, i) => ({ ...sensor, name: names[i] ?? "" }));
  });
}

function fromTable(table: SensorTable, polled: Polled): Row[] {
  const { value, state } = table;
  const values = polled.column(value?.column);
  const states = polled.column(state?.column);
  const indexes = new Set([...values.keys(), ...states.keys()]);
  return [...indexes].flatMap((index) => {
    const code = states.get(index)?.number;
    if (code !== undefined && state?.absent.includes(code)) return [];
    const number = values.get(index)?.number ?? Number.NaN;
    const isNumber = value !== undefined && Number.isFinite(number);
    return [
      {
        index,
        name: rowName(table.name, index, polled),
        sensor: {
          class: table.class,
          value: isNumber ? number * value.scale + value.offset : null,
          unit: table.unit,
          state: code === undefined ? (isNumber ? "ok" : "unknown") : stateOf(state, code),
        },
      },
    ];
  });
}

function stateOf(state: SensorTable["state"], code: number): SensorReading["state"] {
  if (state?.ok.includes(code)) return "ok";
  if (state?.warning.includes(code)) return "warning";
  return state?.failed.includes(code) ? "failed" : "unknown";
}

const ENTITY_OK = 1;
const ENTITY_NONOPERATIONAL = 3;

function fromEntity(spec: Profile["entitySensors"], polled: Polled): Row[] {
  if (!spec) return [];
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

import type { SensorReading } from "../reading.ts";
import { scaled } from "./number.ts";

interface Kind {
  class: SensorReading["class"];
  unit: string;
  factor: number;
}

/** EntitySensorDataType of RFC 3433: what a number means. */
const KINDS: Record<number, Kind> = {
  3: { class: "voltage", unit: "volts", factor: 1 },
  4: { class: "voltage", unit: "volts", factor: 1 },
  5: { class: "current", unit: "amperes", factor: 1 },
  6: { class: "power", unit: "watts", factor: 1 },
  7: { class: "frequency", unit: "hertz", factor: 1 },
  8: { class: "temperature", unit: "celsius", factor: 1 },
  9: { class: "humidity", unit: "ratio", factor: 0.01 },
  10: { class: "fan", unit: "rpm", factor: 1 },
  11: { class: "other", unit: "cubic_meters_per_minute", factor: 1 },
  // Not in the RFC, but in every agent that reads optics.
  14: { class: "optical-power", unit: "dbm", factor: 1 },
};

export function entitySensorKind(type: number): Kind | undefined {
  return KINDS[type];
}

/** EntitySensorDataScale counts in steps of a thousand, 9 being one; precision is the number of decimal places. */
export function entitySensorValue(raw: { number: number; scale: number; precision: number }): number {
  const thousands = Math.min(17, Math.max(1, raw.scale)) - 9;
  const places = Math.min(9, Math.max(-8, raw.precision));
  return scaled(raw.number, 10 ** (thousands * 3 - Math.max(0, places)));
}

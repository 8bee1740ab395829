import { expect, test } from "bun:test";
import { entitySensorKind, entitySensorValue } from "./entity-sensor.ts";
import { distinctNames } from "./text.ts";

test("scale and precision of an entity sensor give its base unit", () => {
  expect(entitySensorValue({ number: 425, scale: 9, precision: 1 })).toBeCloseTo(42.5);
  expect(entitySensorValue({ number: 3_300, scale: 8, precision: 0 })).toBeCloseTo(3.3);
  expect(entitySensorValue({ number: 12, scale: 10, precision: 0 })).toBe(12_000);
  expect(entitySensorKind(8)).toEqual({ class: "temperature", unit: "celsius", factor: 1 });
  expect(entitySensorKind(999)).toBeUndefined();
});

test("names that occur twice get their index, others stay", () => {
  const rows = [
    { index: "1", name: "fan" },
    { index: "2", name: "fan" },
    { index: "3", name: "inlet" },
  ];
  expect(distinctNames(rows)).toEqual(["fan (1)", "fan (2)", "inlet"]);
});

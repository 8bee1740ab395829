import { type MibBuilder, type Value, value } from "../agent/index.ts";
import type { Device } from "../device/index.ts";

const PHYSICAL = "1.3.6.1.2.1.47.1.1.1.1";
const SENSOR = "1.3.6.1.2.1.99.1.1.1";

/** PhysicalClass of ENTITY-MIB. */
const CLASS = { chassis: 3, powerSupply: 6, fan: 7, sensor: 8 } as const;
/** EntitySensorDataType and EntitySensorDataScale units. */
const DATA = { voltsDc: 4, celsius: 8, rpm: 10 } as const;
const STATUS = { ok: 1, nonoperational: 3 } as const;
const SCALE = { milli: 8, units: 9 } as const;

const CHASSIS_INDEX = 1;
const SUPPLY_INDEX_FIRST = 10;
const FAN_INDEX_FIRST = 30;
const TEMPERATURE_INDEX_FIRST = 1_001;
const FAN_SENSOR_INDEX_FIRST = 1_051;
const SUPPLY_SENSOR_INDEX_FIRST = 1_081;

interface Sensor {
  index: number;
  parent: number;
  name: string;
  unit: keyof typeof DATA;
  scale: keyof typeof SCALE;
  precision: number;
  read: (nowMs: number) => number;
  failed: () => boolean;
}

/** ENTITY-MIB entPhysicalTable and ENTITY-SENSOR-MIB: what the device is made of and what its sensors say. */
export function addEntities(mib: MibBuilder, device: Device): void {
  const { model } = device;
  const versions = { serial: device.serial, model: model.product, software: model.softwareVersion };
  addPhysical(mib, CHASSIS_INDEX, { parent: 0, class: CLASS.chassis, name: "Chassis", ...versions });
  for (const [at, name] of model.powerSupplies.entries())
    addPhysical(mib, SUPPLY_INDEX_FIRST + at, { parent: CHASSIS_INDEX, class: CLASS.powerSupply, name });
  for (const [at, name] of model.fans.entries())
    addPhysical(mib, FAN_INDEX_FIRST + at, { parent: CHASSIS_INDEX, class: CLASS.fan, name });
  for (const sensor of sensorsOf(device)) addSensor(mib, sensor);
}

function sensorsOf(device: Device): Sensor[] {
  const { health, model } = device;
  const temperatures = model.temperatures.map<Sensor>((name, at) => ({
    index: TEMPERATURE_INDEX_FIRST + at,
    parent: CHASSIS_INDEX,
    name: `${name} Temperature`,
    unit: "celsius",
    scale: "units",
    precision: 1,
    read: (nowMs) => health.celsius(at, nowMs) * 10,
    failed: () => false,
  }));
  const fans = model.fans.map<Sensor>((name, at) => ({
    index: FAN_SENSOR_INDEX_FIRST + at,
    parent: FAN_INDEX_FIRST + at,
    name: `${name} RPM`,
    unit: "rpm",
    scale: "units",
    precision: 0,
    read: (nowMs) => health.rpm(at, nowMs),
    failed: () => health.fanFailed(at),
  }));
  const supplies = model.powerSupplies.map<Sensor>((name, at) => ({
    index: SUPPLY_SENSOR_INDEX_FIRST + at,
    parent: SUPPLY_INDEX_FIRST + at,
    name: `${name} Voltage`,
    unit: "voltsDc",
    scale: "milli",
    precision: 0,
    read: () => (health.supplyFailed(at, model.powerSupplies.length) ? 0 : 12_050),
    failed: () => health.supplyFailed(at, model.powerSupplies.length),
  }));
  return [...temperatures, ...fans, ...supplies];
}

function addSensor(mib: MibBuilder, sensor: Sensor): void {
  addPhysical(mib, sensor.index, { parent: sensor.parent, class: CLASS.sensor, name: sensor.name });
  mib.row(SENSOR, [sensor.index], {
    1: value.integer(DATA[sensor.unit]),
    2: value.integer(SCALE[sensor.scale]),
    3: value.integer(sensor.precision),
    4: value.integer(sensor.read),
    5: value.integer(() => (sensor.failed() ? STATUS.nonoperational : STATUS.ok)),
    6: value.octets(sensor.unit),
    7: value.timeTicks(0),
    8: value.gauge32(1_000),
  });
}

interface Physical {
  parent: number;
  class: number;
  name: string;
  serial?: string;
  model?: string;
  software?: string;
}

function addPhysical(mib: MibBuilder, index: number, physical: Physical): void {
  mib.row(PHYSICAL, [index], {
    2: text(physical.name),
    3: value.objectId([0, 0]),
    4: value.integer(physical.parent),
    5: value.integer(physical.class),
    6: value.integer(1),
    7: text(physical.name),
    8: text(physical.class === CLASS.chassis ? "V02" : ""),
    9: text(),
    10: text(physical.software),
    11: text(physical.serial),
    12: text(),
    13: text(physical.model),
    16: value.integer(physical.class === CLASS.sensor ? 2 : 1),
  });
}

function text(content = ""): Value {
  return value.octets(content);
}

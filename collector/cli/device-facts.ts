import type { Answered } from "../poll/index.ts";

/** What a reading says of a device, in the words that programs outside know. */
export function deviceFacts(reading: Answered): object {
  const { system, interfaces, sensors, neighbours, processors, storages, addresses, metrics } = reading;
  return {
    profile: reading.profile ?? "",
    vendor: system.vendor,
    os: system.os,
    model: system.model,
    version: system.osVersion,
    serial: system.serial,
    interfaces: interfaces.map(({ index, name, alias, type, adminStatus, operStatus, speedBps, mac }) => ({
      index,
      name,
      alias,
      type,
      adminStatus,
      operStatus,
      speedBps,
      mac,
    })),
    sensors: sensors.map(({ class: kind, name, value, unit, state }) => ({ class: kind, name, value, unit, state })),
    links: neighbours,
    processors,
    storages,
    addresses,
    metrics,
  };
}

import { type MibBuilder, value } from "../agent/index.ts";
import type { Device } from "../device/index.ts";

const HR = "1.3.6.1.2.1.25";
const STORAGE = `${HR}.2.3.1`;
const STORAGE_TYPE = `${HR}.2.1`;
const UNIT_BYTES = 4_096;
const PROCESSOR_INDEX_FIRST = 196_608;
export const DISK_BYTES = 480 * 2 ** 30;

interface Storage {
  index: number;
  /** hrStorageTypes: 2 RAM, 4 fixed disk. */
  type: 2 | 4;
  name: string;
  bytes: number;
  usage: (nowMs: number) => number;
}

/** HOST-RESOURCES-MIB: processors, memory, and disks where there are any. */
export function addHostResources(mib: MibBuilder, device: Device): void {
  mib.scalar(
    `${HR}.1.1`,
    value.timeTicks((nowMs) => device.uptimeTicks(nowMs)),
  );
  mib.scalar(`${HR}.2.2`, value.integer(device.model.memoryBytes / 1_024));
  for (const storage of storagesOf(device)) addStorage(mib, storage);
  for (let processor = 0; processor < device.model.processors; processor += 1) {
    const index = [PROCESSOR_INDEX_FIRST + processor];
    mib.row(`${HR}.3.2.1`, index, {
      1: value.integer(PROCESSOR_INDEX_FIRST + processor),
      2: value.objectId(`${HR}.3.1.3`),
      3: value.octets(`CPU ${processor}`),
      5: value.integer(2),
    });
    mib.row(`${HR}.3.3.1`, index, {
      1: value.objectId([0, 0]),
      2: value.integer((nowMs) => device.health.cpuUsage(processor, nowMs) * 100),
    });
  }
}

function storagesOf(device: Device): Storage[] {
  const { health, model, plan } = device;
  const memory: Storage = {
    index: 1,
    type: 2,
    name: "Physical memory",
    bytes: model.memoryBytes,
    usage: (nowMs) => health.memoryUsage(nowMs),
  };
  if (plan.role !== "server") return [memory];
  const disk = (index: number, name: string, bytes: number, usage: Storage["usage"]): Storage => ({
    index,
    type: 4,
    name,
    bytes,
    usage,
  });
  return [
    memory,
    disk(31, "/", 64 * 2 ** 30, () => 0.34),
    disk(32, "/var", DISK_BYTES, (now) => health.diskUsage(now)),
  ];
}

function addStorage(mib: MibBuilder, storage: Storage): void {
  const units = Math.floor(storage.bytes / UNIT_BYTES);
  mib.row(STORAGE, [storage.index], {
    1: value.integer(storage.index),
    2: value.objectId(`${STORAGE_TYPE}.${storage.type}`),
    3: value.octets(storage.name),
    4: value.integer(UNIT_BYTES),
    5: value.integer(units),
    6: value.integer((nowMs) => units * storage.usage(nowMs)),
    7: value.counter32(0),
  });
}

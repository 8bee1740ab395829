import { type MibBuilder, value } from "../agent/index.ts";
import type { Device } from "../device/index.ts";
import { DISK_BYTES } from "./host.ts";

const UCD = "1.3.6.1.4.1.2021";
const SWAP_KB = 8 * 2 ** 20;
/** Clock ticks of all processors per second, as ssCpuRaw counts them. */
const TICKS = 100;

/** UCD-SNMP-MIB of a Linux server: load, memory, CPU and disk. */
export function addUcd(mib: MibBuilder, device: Device): void {
  const { health, model } = device;
  const busy = (nowMs: number) => health.cpuUsage(0, nowMs);
  const totalKb = model.memoryBytes / 1_024;
  const availableKb = (nowMs: number) => totalKb * (1 - health.memoryUsage(nowMs));

  mib.scalar(`${UCD}.4.3`, value.integer(SWAP_KB));
  mib.scalar(`${UCD}.4.4`, value.integer(SWAP_KB));
  mib.scalar(`${UCD}.4.5`, value.integer(totalKb));
  mib.scalar(`${UCD}.4.6`, value.integer(availableKb));
  mib.scalar(
    `${UCD}.4.11`,
    value.integer((nowMs) => SWAP_KB + availableKb(nowMs)),
  );
  mib.scalar(`${UCD}.4.14`, value.integer(212_000));
  mib.scalar(`${UCD}.4.15`, value.integer(3_110_000));

  const diskKb = DISK_BYTES / 1_024;
  mib.row(`${UCD}.9.1`, [1], {
    1: value.integer(1),
    2: value.octets("/var"),
    3: value.octets("/dev/sda3"),
    6: value.integer(diskKb),
    7: value.integer((nowMs) => diskKb * (1 - health.diskUsage(nowMs))),
    8: value.integer((nowMs) => diskKb * health.diskUsage(nowMs)),
    9: value.integer((nowMs) => health.diskUsage(nowMs) * 100),
  });
  for (const [at, minutes] of [1, 5, 15].entries()) {
    const load = (nowMs: number) => busy(nowMs) * model.processors;
    mib.row(`${UCD}.10.1`, [at + 1], {
      1: value.integer(at + 1),
      2: value.octets(`Load-${minutes}`),
      5: value.integer((nowMs) => load(nowMs) * 100),
    });
  }
  mib.scalar(
    `${UCD}.11.9`,
    value.integer((nowMs) => busy(nowMs) * 70),
  );
  mib.scalar(
    `${UCD}.11.10`,
    value.integer((nowMs) => busy(nowMs) * 30),
  );
  mib.scalar(
    `${UCD}.11.11`,
    value.integer((nowMs) => (1 - busy(nowMs)) * 100),
  );
  for (const [column, share] of [
    [50, 0.08],
    [51, 0.001],
    [52, 0.03],
    [53, 0.889],
  ] as const) {
    const ticks = (nowMs: number) => (device.uptimeTicks(nowMs) / 100) * TICKS * model.processors * share;
    mib.scalar(`${UCD}.11.${column}`, value.counter32(ticks));
  }
}

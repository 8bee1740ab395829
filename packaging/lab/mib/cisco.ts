import { type MibBuilder, value } from "../agent/index.ts";
import type { Device } from "../device/index.ts";

const CISCO_MGMT = "1.3.6.1.4.1.9.9";
const ENVMON = `${CISCO_MGMT}.13.1`;
const CPU = `${CISCO_MGMT}.109.1.1.1.1`;
const MEMORY_POOL = `${CISCO_MGMT}.48.1.1.1`;
const CONFIG_MAN = `${CISCO_MGMT}.43.1.1`;
/** CiscoEnvMonState. */
const STATE = { normal: 1, critical: 3, notFunctioning: 6 } as const;
const THRESHOLD_CELSIUS = 68;

/** CISCO-ENVMON-, -PROCESS-, -MEMORY-POOL- and -CONFIG-MAN-MIB. */
export function addCisco(mib: MibBuilder, device: Device): void {
  addEnvironment(mib, device);
  const { health, model } = device;
  for (let processor = 0; processor < model.processors; processor += 1) {
    const load = value.gauge32((nowMs) => Math.round(health.cpuUsage(processor, nowMs) * 100));
    mib.row(CPU, [processor + 1], { 2: value.integer(0), 6: load, 7: load, 8: load });
  }
  const used = (nowMs: number) => Math.floor(model.memoryBytes * health.memoryUsage(nowMs));
  mib.row(MEMORY_POOL, [1], {
    2: value.octets("Processor"),
    4: value.integer(1),
    5: value.gauge32(used),
    6: value.gauge32((nowMs) => model.memoryBytes - used(nowMs)),
  });
  mib.scalar(
    `${CONFIG_MAN}.1`,
    value.timeTicks(() => device.ticksAt(device.configChangedMs)),
  );
  mib.scalar(
    `${CONFIG_MAN}.2`,
    value.timeTicks(() => device.ticksAt(device.configSavedMs)),
  );
  mib.scalar(
    `${CONFIG_MAN}.3`,
    value.timeTicks(() => device.ticksAt(device.configSavedMs)),
  );
}

function addEnvironment(mib: MibBuilder, device: Device): void {
  const { health, model } = device;
  for (const [at, name] of model.temperatures.entries()) {
    mib.row(`${ENVMON}.3.1`, [at + 1], {
      2: value.octets(`${name} Temperature`),
      3: value.gauge32((nowMs) => Math.round(health.celsius(at, nowMs))),
      4: value.integer(THRESHOLD_CELSIUS),
      5: value.integer(0),
      6: value.integer(STATE.normal),
    });
  }
  for (const [at, name] of model.fans.entries()) {
    mib.row(`${ENVMON}.4.1`, [at + 1], {
      2: value.octets(name),
      3: value.integer(() => (health.fanFailed(at) ? STATE.critical : STATE.normal)),
    });
  }
  for (const [at, name] of model.powerSupplies.entries()) {
    const failed = () => health.supplyFailed(at, model.powerSupplies.length);
    mib.row(`${ENVMON}.5.1`, [at + 1], {
      2: value.octets(name),
      3: value.integer(() => (failed() ? STATE.notFunctioning : STATE.normal)),
      4: value.integer(2),
    });
  }
}

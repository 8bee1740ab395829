import type { Device } from "../device/index.ts";
import { shuffled } from "../topology/index.ts";
import type { FaultKind, FaultTools } from "./kind.ts";

const RESTART_MS = 3_000;
const SLOW_MS = 900;
const anyDevice = () => true;

export const deviceDown: FaultKind = {
  summary: "a device loses power: no answer, its neighbours' ports go down; clearing starts it anew",
  on: "device",
  device: "dist-sw2",
  fits: anyDevice,
  start: (tools, device) => {
    device.outages.add(tools.id);
    tools.site.refresh();
    return { detail: `${device.name} is off`, undo: () => powerUp(tools, device) };
  },
};

export const reboot: FaultKind = {
  summary: "a device restarts: three seconds away, then uptime and counters from zero; ends by itself",
  on: "device",
  device: "acc-sw1",
  fits: anyDevice,
  start: (tools, device) => {
    device.outages.add(tools.id);
    tools.site.refresh();
    tools.after(RESTART_MS, tools.end);
    return { detail: `${device.name} restarts`, undo: () => powerUp(tools, device) };
  },
};

/** Two outages may overlap: the device starts when the last of them ends. */
function powerUp(tools: FaultTools, device: Device): void {
  device.outages.delete(tools.id);
  if (!device.on) return;
  device.restart(tools.nowMs());
  tools.site.refresh();
  tools.site.tell({ kind: "cold-start", device });
}

export const slowAgent: FaultKind = {
  summary: "an agent takes nearly a second for each answer",
  on: "device",
  device: "acc-sw4",
  fits: anyDevice,
  start: (tools, device) => {
    device.delaysMs.set(tools.id, SLOW_MS);
    return {
      detail: `${device.name} answers after ${SLOW_MS} ms`,
      undo: () => void device.delaysMs.delete(tools.id),
    };
  },
};

export const renumber: FaultKind = {
  summary: "interface indexes are dealt anew while the names stay; clearing deals the old ones again",
  on: "device",
  device: "acc-sw2",
  fits: (device) => device.ports.length > 1,
  start: (tools, device) => {
    const before = new Map(device.ports.map((port) => [port, port.index]));
    const dealt = shuffled([...before.values()], tools.random);
    // A shuffle may leave everything in place; a turn by one never does.
    const moved = dealt.some((index, at) => index !== device.ports[at]?.index);
    const indexes = moved ? dealt : [...dealt.slice(1), ...dealt.slice(0, 1)];
    for (const [at, port] of device.ports.entries()) port.index = indexes[at] ?? port.index;
    device.revision += 1;
    return {
      detail: `${device.name} numbers its ${device.ports.length} interfaces anew`,
      undo: () => {
        for (const [port, index] of before) port.index = index;
        device.revision += 1;
      },
    };
  },
};

export const configChange: FaultKind = {
  summary: "someone changes the running configuration; clearing saves it",
  on: "device",
  device: "core-sw1",
  fits: (device) => device.model.vendor === "cisco",
  start: (tools, device) => {
    device.configChangedMs = tools.nowMs();
    tools.site.tell({ kind: "config-changed", device });
    return {
      detail: `${device.name} has a running configuration that is not saved`,
      undo: () => {
        device.configSavedMs = tools.nowMs();
      },
    };
  },
};

import type { Device } from "../device/index.ts";
import type { FaultKind, FaultTools } from "./kind.ts";

type Symptom = "busy" | "leaks" | "filling" | "failedFans" | "failedSupplies";

export const cpuHigh: FaultKind = {
  summary: "processors run above 95 %",
  on: "device",
  device: "dist-sw1",
  fits: () => true,
  start: (tools, device) => suffer(tools, device, "busy", `${device.name} is busy above 95 %`),
};

export const memoryLeak: FaultKind = {
  summary: "memory fills from its usual level to 98 % within 150 seconds",
  on: "device",
  device: "acc-sw3",
  fits: () => true,
  start: (tools, device) => suffer(tools, device, "leaks", `${device.name} leaks memory`),
};

export const diskFilling: FaultKind = {
  summary: "/var of a server fills to 98 % within 150 seconds",
  on: "device",
  device: "srv1",
  fits: (device) => device.plan.role === "server",
  start: (tools, device) => suffer(tools, device, "filling", `/var of ${device.name} fills`),
};

export const fanFailure: FaultKind = {
  summary: "the first fan stops and the device warms up",
  on: "device",
  device: "core-sw1",
  fits: (device) => device.model.fans.length > 0,
  start: (tools, device) => {
    const effect = suffer(tools, device, "failedFans", `${device.model.fans[0]} of ${device.name} stands still`);
    tools.site.tell({ kind: "fan", device, failed: true });
    return withFarewell(effect, () => tools.site.tell({ kind: "fan", device, failed: false }));
  },
};

export const psuFailure: FaultKind = {
  summary: "a power supply fails; a UPS loses its mains and runs on battery",
  on: "device",
  device: "core-sw2",
  fits: (device) => device.model.powerSupplies.length > 0 || device.plan.role === "ups",
  start: (tools, device) => {
    const part = device.plan.role === "ups" ? "mains input" : device.model.powerSupplies.at(-1);
    const effect = suffer(tools, device, "failedSupplies", `${part} of ${device.name} failed`);
    tools.site.tell({ kind: "power-supply", device, failed: true });
    return withFarewell(effect, () => tools.site.tell({ kind: "power-supply", device, failed: false }));
  },
};

function suffer(tools: FaultTools, device: Device, symptom: Symptom, detail: string) {
  device.health[symptom].set(tools.id, tools.nowMs());
  return { detail, undo: () => void device.health[symptom].delete(tools.id) };
}

function withFarewell(effect: { detail: string; undo: () => void }, farewell: () => void) {
  return {
    ...effect,
    undo: () => {
      effect.undo();
      farewell();
    },
  };
}

import type { DeviceConfig } from "../config/index.ts";
import type { Answered, InterfaceReading, Unanswered } from "../poll/reading.ts";

/** Readings for tests: a healthy device unless told otherwise. */
export function answered(device: string, change: Partial<Answered> = {}): Answered {
  return {
    kind: "answered",
    device,
    takenAtMs: 1_000_000,
    durationMs: 40,
    requests: 3,
    system: { ...SYSTEM, name: device },
    discontinuity: "none",
    interfaces: [],
    renumbered: [],
    processors: [],
    storages: [],
    sensors: [],
    neighbours: [],
    addresses: [],
    metrics: [],
    ...change,
  };
}

const SYSTEM = {
  uptimeTicks: 9_000_000,
  name: "",
  description: "test device",
  objectId: "1.3.6.1.4.1.8072.3.2.10",
  vendor: "net-snmp",
  model: "",
  os: "",
  osVersion: "",
  serial: "",
};

export function unanswered(device: string, takenAtMs = 1_000_000): Unanswered {
  const message = `device ${device}: no answer in 3 tries of 2,000 ms`;
  return { kind: "unanswered", device, takenAtMs, durationMs: 6_000, reason: "timeout", message };
}

export function port(name: string, change: Partial<InterfaceReading> = {}): InterfaceReading {
  return {
    index: 1,
    name,
    alias: "",
    type: 6,
    mac: "",
    speedBps: 1_000_000_000,
    adminStatus: 1,
    operStatus: 1,
    counters: [],
    discontinuityTicks: 0,
    ...change,
  };
}

/** "Te1/1 > fw1 Gi0/1" */
export function neighbour(text: string): Answered["neighbours"][number] {
  const [localPort = "", remoteSystem = "", remotePort = ""] = text.split(/ > | /);
  return { localPort, remoteSystem, remotePort, protocol: "lldp" };
}

export function device(name: string, role: DeviceConfig["role"] = ""): DeviceConfig {
  return { name, address: "127.0.0.1", port: 161, credential: "public", role };
}

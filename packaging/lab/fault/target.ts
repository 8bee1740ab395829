import type { Device, Port, Site } from "../device/index.ts";
import { randomFor } from "../topology/index.ts";
import { isFaultName, FAULTS } from "./catalogue.ts";
import { FAULT_NAMES, type FaultKind, type FaultName } from "./kind.ts";

export interface FaultRequest {
  device?: string;
  interface?: string;
  /** Without a device: choose one by this number instead of the fault's usual one. */
  seed?: number;
}

export type FaultErrorCode =
  | "unknown-fault"
  | "unknown-device"
  | "unknown-interface"
  | "not-applicable"
  | "already-active"
  | "not-active";

/** The caller named something that is not there; the message says what is. */
export class FaultRequestError extends Error {
  override name = "FaultRequestError";
  readonly code: FaultErrorCode;

  constructor(code: FaultErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type Target =
  | { on: "site"; kind: Extract<FaultKind, { on: "site" }> }
  | { on: "device"; kind: Extract<FaultKind, { on: "device" }>; device: Device }
  | { on: "interface"; kind: Extract<FaultKind, { on: "interface" }>; port: Port };

export function requireFaultName(name: string): FaultName {
  if (isFaultName(name)) return name;
  throw new FaultRequestError("unknown-fault", `no fault "${name.slice(0, 60)}"; known: ${FAULT_NAMES.join(", ")}`);
}

/** Finds what the fault is to hit: as asked, else by seed, else its usual place. */
export function chooseTarget(site: Site, name: FaultName, request: FaultRequest): Target {
  const kind = FAULTS[name];
  switch (kind.on) {
    case "site":
      return { on: "site", kind };
    case "device":
      return { on: "device", kind, device: chooseDevice(site, name, kind, request) };
    case "interface":
      return { on: "interface", kind, port: choosePort(site, name, kind, request) };
  }
}

function chooseDevice(
  site: Site,
  name: FaultName,
  kind: Extract<FaultKind, { on: "device" }>,
  request: FaultRequest,
): Device {
  if (request.device === undefined && request.seed !== undefined)
    return pick([...site.devices.values()].filter(kind.fits), request.seed, name);
  const device = requireDevice(site, request.device ?? kind.device);
  if (kind.fits(device)) return device;
  const fitting = [...site.devices.values()].filter(kind.fits).map((other) => other.name);
  throw new FaultRequestError("not-applicable", `${name} cannot hit ${device.name}; it fits ${fitting.join(", ")}`);
}

function choosePort(
  site: Site,
  name: FaultName,
  kind: Extract<FaultKind, { on: "interface" }>,
  request: FaultRequest,
): Port {
  if (request.device === undefined && request.seed !== undefined) {
    const linked = [...site.devices.values()].flatMap((device) => device.ports.filter((port) => port.peer));
    return pick(linked, request.seed, name);
  }
  const device = requireDevice(site, request.device ?? kind.device);
  const usual = device.name === kind.device ? kind.interface : device.ports.find((port) => port.peer)?.name;
  const wanted = request.interface ?? usual ?? "";
  const port = device.port(wanted);
  if (!port) {
    const names = device.ports.map((known) => known.name).join(", ");
    throw new FaultRequestError("unknown-interface", `${device.name} has no interface "${wanted}"; it has ${names}`);
  }
  if (!port.flows) throw new FaultRequestError("not-applicable", `nothing is plugged into ${wanted} of ${device.name}`);
  return port;
}

function requireDevice(site: Site, name: string): Device {
  const device = site.devices.get(name);
  if (device) return device;
  const known = [...site.devices.keys()].join(", ");
  throw new FaultRequestError("unknown-device", `no device "${name.slice(0, 60)}"; known: ${known}`);
}

function pick<T>(candidates: readonly T[], seed: number, name: string): T {
  const chosen = candidates[Math.floor(randomFor(seed, "target", name)() * candidates.length)];
  if (chosen === undefined) throw new FaultRequestError("not-applicable", `${name} fits no device of this site`);
  return chosen;
}

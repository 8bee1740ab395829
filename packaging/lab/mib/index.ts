import { type Mib, MibBuilder } from "../agent/index.ts";
import type { Device } from "../device/index.ts";
import { addCdp } from "./cdp.ts";
import { addCisco } from "./cisco.ts";
import { addEntities } from "./entity.ts";
import { addForwarding } from "./forwarding.ts";
import { addHostResources } from "./host.ts";
import { addInterfaces } from "./interfaces.ts";
import { addLldp } from "./lldp.ts";
import { addSystem } from "./system.ts";
import { addUcd } from "./ucd.ts";
import { addUps } from "./ups.ts";

/** The device's MIB, rebuilt only after its rows changed: values move by themselves. */
export function mibOf(device: Device, find: (name: string) => Device | undefined): () => Mib {
  let built: { revision: number; mib: Mib } | undefined;
  return () => {
    if (built?.revision !== device.revision) built = { revision: device.revision, mib: build(device, find) };
    return built.mib;
  };
}

function build(device: Device, find: (name: string) => Device | undefined): Mib {
  const mib = new MibBuilder();
  addSystem(mib, device);
  addInterfaces(mib, device);
  addHostResources(mib, device);
  addLldp(mib, device, find);
  addCdp(mib, device, find);
  addForwarding(mib, device, find);
  if (device.plan.role === "ups") addUps(mib, device);
  else addEntities(mib, device);
  if (device.model.vendor === "cisco") addCisco(mib, device);
  if (device.plan.role === "server") addUcd(mib, device);
  return mib.build();
}

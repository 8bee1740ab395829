import { type MibBuilder, value } from "../agent/index.ts";
import type { Device } from "../device/index.ts";

const CDP = "1.3.6.1.4.1.9.9.23.1";
const CACHE = `${CDP}.2.1.1`;
const GLOBAL = `${CDP}.3`;
const DEVICE_INDEX = 1;
const ADDRESS_IS_IP = 1;
const RUNS = 1;

/** CISCO-CDP-MIB: which neighbours of the same protocol are heard; ports go by their long names. */
export function addCdp(mib: MibBuilder, device: Device, find: (name: string) => Device | undefined): void {
  if (!device.speaks.has("cdp")) return;
  mib.scalar(`${GLOBAL}.1`, value.integer(RUNS));
  mib.scalar(`${GLOBAL}.4`, value.octets(device.name));
  for (const port of device.ports) {
    const neighbour = port.operUp && port.peer ? find(port.peer.device) : undefined;
    if (!neighbour?.speaks.has("cdp") || !port.peer) continue;
    mib.row(CACHE, [port.index, DEVICE_INDEX], {
      3: value.integer(ADDRESS_IS_IP),
      4: value.octets(Uint8Array.from(neighbour.address.split(".").map(Number))),
      5: value.octets(neighbour.model.description),
      6: value.octets(neighbour.name),
      7: value.octets(port.peer.description),
      8: value.octets(neighbour.model.product),
    });
  }
}

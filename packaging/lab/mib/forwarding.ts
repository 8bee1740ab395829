import { type MibBuilder, value } from "../agent/index.ts";
import type { Device, Port } from "../device/index.ts";

const BRIDGE = "1.3.6.1.2.1.17";
const BASE_PORT = `${BRIDGE}.1.4.1`;
const FDB = `${BRIDGE}.4.3.1`;
const NET_TO_MEDIA = "1.3.6.1.2.1.4.22.1";
const LEARNED = 3;
const DYNAMIC = 3;

/** BRIDGE-MIB forwarding of switches and the ARP table of layer-3 devices: who is at the ports that are up. */
export function addForwarding(mib: MibBuilder, device: Device, find: (name: string) => Device | undefined): void {
  const { role } = device.plan;
  const switches = role === "core" || role === "distribution" || role === "access";
  const routes = role === "core" || role === "router" || role === "firewall";
  if (switches) addBridge(mib, device);
  for (const [at, port] of device.ports.entries()) {
    if (!port.operUp) continue;
    const mac = port.peer?.mac ?? port.endpointMac;
    if (switches && mac) addLearned(mib, at + 1, mac);
    const neighbour = port.peer && find(port.peer.device);
    if (routes && neighbour) addArp(mib, port, neighbour);
  }
}

function addBridge(mib: MibBuilder, device: Device): void {
  mib.scalar(`${BRIDGE}.1.1`, value.octets(device.chassisMac));
  mib.scalar(`${BRIDGE}.1.2`, value.integer(device.ports.length));
  mib.scalar(`${BRIDGE}.1.3`, value.integer(2));
  for (const [at, port] of device.ports.entries())
    mib.row(BASE_PORT, [at + 1], { 1: value.integer(at + 1), 2: value.integer(port.index) });
}

function addLearned(mib: MibBuilder, bridgePort: number, mac: Uint8Array): void {
  mib.row(FDB, [...mac], {
    1: value.octets(mac),
    2: value.integer(bridgePort),
    3: value.integer(LEARNED),
  });
}

function addArp(mib: MibBuilder, port: Port, neighbour: Device): void {
  mib.row(NET_TO_MEDIA, [port.index, ...neighbour.address.split(".").map(Number)], {
    1: value.integer(port.index),
    2: value.octets(port.peer?.mac ?? new Uint8Array(6)),
    3: value.ipAddress(neighbour.address),
    4: value.integer(DYNAMIC),
  });
}

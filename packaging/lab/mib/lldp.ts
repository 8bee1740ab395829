import { type MibBuilder, value } from "../agent/index.ts";
import type { Device, Port } from "../device/index.ts";

const LLDP = "1.0.8802.1.1.2.1";
const LOCAL = `${LLDP}.3`;
const REMOTE = `${LLDP}.4.1.1`;
const REMOTE_ADDRESS = `${LLDP}.4.2.1`;
const CHASSIS_ID_MAC = 4;
const PORT_ID_INTERFACE_NAME = 5;
const REMOTE_INDEX = 1;
/** TimeFilter is 32 bits wide, like sysUpTime. */
const TIME_MARK_LIMIT = 0x1_0000_0000;
/** LldpSystemCapabilitiesMap: bit 2 bridge, 3 access point, 4 router, 7 station. */
const CAPABILITY: Record<string, number> = {
  router: 0x08,
  firewall: 0x08,
  core: 0x28,
  distribution: 0x28,
  access: 0x20,
  "access-point": 0x10,
};
const STATION = 0x01;

/** LLDP-MIB: what the device says of itself and whom it hears on ports that are up. */
export function addLldp(mib: MibBuilder, device: Device, find: (name: string) => Device | undefined): void {
  if (!device.speaks.has("lldp")) return;
  mib.scalar(`${LOCAL}.1`, value.integer(CHASSIS_ID_MAC));
  mib.scalar(`${LOCAL}.2`, value.octets(device.chassisMac));
  mib.scalar(`${LOCAL}.3`, value.octets(device.name));
  mib.scalar(`${LOCAL}.4`, value.octets(device.model.description));
  mib.scalar(`${LOCAL}.5`, capabilities(device));
  mib.scalar(`${LOCAL}.6`, capabilities(device));
  for (const port of device.ports) {
    mib.row(`${LOCAL}.7.1`, [port.index], {
      2: value.integer(PORT_ID_INTERFACE_NAME),
      3: value.octets(port.name),
      4: value.octets(port.description),
    });
    const neighbour = port.operUp && port.peer ? find(port.peer.device) : undefined;
    if (neighbour?.speaks.has("lldp") && port.peer) addRemote(mib, { device, port, neighbour, peer: port.peer });
  }
}

function addRemote(mib: MibBuilder, heard: { device: Device; port: Port; neighbour: Device; peer: Port }): void {
  const { device, port, neighbour, peer } = heard;
  const row = [device.ticksAt(port.lastChangeMs) % TIME_MARK_LIMIT, port.index, REMOTE_INDEX];
  mib.row(REMOTE, row, {
    4: value.integer(CHASSIS_ID_MAC),
    5: value.octets(neighbour.chassisMac),
    6: value.integer(PORT_ID_INTERFACE_NAME),
    7: value.octets(peer.name),
    8: value.octets(peer.description),
    9: value.octets(neighbour.name),
    10: value.octets(neighbour.model.description),
    11: capabilities(neighbour),
    12: capabilities(neighbour),
  });
  const address = neighbour.address.split(".").map(Number);
  mib.row(REMOTE_ADDRESS, [...row, 1, address.length, ...address], {
    3: value.integer(2),
    4: value.integer(peer.index),
    5: value.objectId([0, 0]),
  });
}

function capabilities(device: Device) {
  return value.octets(Uint8Array.of(CAPABILITY[device.plan.role] ?? STATION, 0));
}

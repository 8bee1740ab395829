import { tame } from "../rule/index.ts";
import type { Examined, Heard, Port } from "./found.ts";
import { type Cell, macOf, type Tables } from "./tables.ts";

const TEXT_CHARS_MAX = 128;
const HEARD_MAX = 1_024;
const ADDRESSES_MAX = 256;
const PORTS_MAX = 10_000;
const RESOLVED_MAX = 4_096;
const LEARNED_MAX = 5_000;
/** LldpChassisIdSubtype and LldpPortIdSubtype. */
const CHASSIS_IS_MAC = 4;
const PORT_IS_MAC = 3;
const IPV4 = 1;
const IPV6 = 2;

export const bounded = (text: string | undefined): string => tame(text ?? "", TEXT_CHARS_MAX);

/** The device's own name for its chassis: by LLDP, else the address of its bridge. */
export function chassisOf(tables: Tables): string {
  const id = tables.scalar("chassisId") ?? tables.scalar("chassisIdV2");
  const kind = tables.scalar("chassisKind") ?? tables.scalar("chassisKindV2");
  const told = id ? idText(id, kind?.number === CHASSIS_IS_MAC) : "";
  return told || macOf(tables.scalar("bridgeAddress")?.bytes ?? []);
}

export function descriptionsOf(tables: Tables): Map<number, string> {
  return new Map(tables.column("ifDescription", PORTS_MAX).map(({ index, text }) => [index[0] ?? 0, bounded(text)]));
}

/** Addresses of the device itself; loopback ones say nothing to others. */
export function addressesOf(tables: Tables): string[] {
  const old = tables.column("ipv4Interface", ADDRESSES_MAX).map(({ index }) => index.join("."));
  const all = tables.column("ipInterface", ADDRESSES_MAX).flatMap(({ index }) => {
    const address = addressText(index);
    return address === undefined ? [] : [address];
  });
  return [...new Set([...old, ...all])].filter((address) => !isLocal(address)).slice(0, ADDRESSES_MAX);
}

/** InetAddressType, length, bytes. */
function addressText(index: readonly number[]): string | undefined {
  const [kind, , ...bytes] = index;
  if (kind === IPV4 && bytes.length === 4) return bytes.join(".");
  if (kind !== IPV6 || bytes.length !== 16) return undefined;
  const group = (i: number) => ((bytes[i * 2] ?? 0) * 256 + (bytes[i * 2 + 1] ?? 0)).toString(16);
  return new URL(`http://[${Array.from({ length: 8 }, (_, i) => group(i)).join(":")}]`).hostname.slice(1, -1);
}

function isLocal(address: string): boolean {
  return address === "127.0.0.1" || address === "::1" || address === "0.0.0.0" || address.startsWith("fe80:");
}

/** Whom the device hears: rows of LLDP (time mark, local port, …) in both editions, and of CDP (ifIndex, number). */
export function heardOf(tables: Tables, ports: readonly Port[]): Heard[] {
  return [...lldpOf(tables, ports, ""), ...lldpOf(tables, ports, "V2"), ...cdpOf(tables, ports)].slice(0, HEARD_MAX);
}

function lldpOf(tables: Tables, ports: readonly Port[], edition: "" | "V2"): Heard[] {
  const localIds = tables.byIndex(`lldpLocalPort${edition}`, PORTS_MAX);
  const localDescriptions = tables.byIndex(`lldpLocalPortDescription${edition}`, PORTS_MAX);
  const chassis = tables.byIndex(`lldpChassis${edition}`, HEARD_MAX);
  const chassisKinds = tables.byIndex(`lldpChassisKind${edition}`, HEARD_MAX);
  const portKinds = tables.byIndex(`lldpPortKind${edition}`, HEARD_MAX);
  const portDescriptions = tables.byIndex(`lldpPortDescription${edition}`, HEARD_MAX);
  const systems = tables.byIndex(`lldpSystem${edition}`, HEARD_MAX);
  return tables.column(`lldpPort${edition}`, HEARD_MAX).map((portId) => {
    const row = portId.index.join(".");
    const number = String(portId.index[1] ?? "");
    const remoteChassis = chassis.get(row);
    const names = [localIds.get(number)?.text, localDescriptions.get(number)?.text];
    return {
      protocol: "lldp",
      localPort: ownPort(ports, names, Number(number)),
      remoteChassis: remoteChassis ? idText(remoteChassis, chassisKinds.get(row)?.number === CHASSIS_IS_MAC) : "",
      remoteSystem: bounded(systems.get(row)?.text),
      remoteAddress: "",
      remotePorts: [
        idText(portId, portKinds.get(row)?.number === PORT_IS_MAC),
        bounded(portDescriptions.get(row)?.text),
      ].filter((name) => name !== ""),
    };
  });
}

function cdpOf(tables: Tables, ports: readonly Port[]): Heard[] {
  const remotePorts = tables.byIndex("cdpPort", HEARD_MAX);
  const addresses = tables.byIndex("cdpAddress", HEARD_MAX);
  return tables.column("cdpSystem", HEARD_MAX).map((system) => {
    const row = system.index.join(".");
    const address = addresses.get(row)?.bytes;
    const remotePort = bounded(remotePorts.get(row)?.text);
    return {
      protocol: "cdp",
      localPort: ownPort(ports, [], system.index[0] ?? 0),
      remoteChassis: "",
      remoteSystem: bounded(system.text),
      remoteAddress: address?.length === 4 ? address.join(".") : "",
      remotePorts: remotePort === "" ? [] : [remotePort],
    };
  });
}

/** LLDP numbers ports in its own way: its names count before its number. */
function ownPort(ports: readonly Port[], names: readonly (string | undefined)[], index: number): string {
  for (const name of names) {
    const port = name === undefined || name === "" ? undefined : portNamed(ports, name);
    if (port) return port.name;
  }
  return ports.find((port) => port.index === index)?.name ?? (bounded(names.find(Boolean)) || String(index));
}

/** A port by any of its names; others may call it by its address. */
export function portNamed(ports: readonly Port[], name: string): Port | undefined {
  const wanted = name.toLowerCase();
  const by = (read: (port: Port) => string) => ports.find((port) => read(port).toLowerCase() === wanted);
  return by((p) => p.name) ?? by((p) => p.description) ?? by((p) => p.mac) ?? by((p) => p.alias);
}

function idText(cell: Cell, isMac: boolean): string {
  const mac = isMac ? macOf(cell.bytes) : "";
  return mac === "" ? bounded(cell.text) : mac;
}

/** Rows of the forwarding tables; the index ends with the MAC address, with the VLAN's number before it in the second. */
export function learnedOf(tables: Tables, ports: readonly Port[]): Examined["learned"] {
  const interfaces = tables.byIndex("bridgePort", PORTS_MAX);
  const names = new Map(ports.map((port) => [port.index, port.name]));
  const rows = [...tables.column("forwarding", LEARNED_MAX), ...tables.column("vlanForwarding", LEARNED_MAX)];
  const learned = rows.flatMap(({ index, number }) => {
    const port = names.get(interfaces.get(String(number))?.number ?? number);
    const mac = macOf(index.slice(-6));
    return port === undefined || mac === "" ? [] : [{ mac, port }];
  });
  return [...new Map(learned.map((row) => [`${row.mac} ${row.port}`, row])).values()].slice(0, LEARNED_MAX);
}

/** ARP's rows are ifIndex and four bytes; those of the newer table ifIndex, kind, length and bytes. */
export function resolvedOf(tables: Tables): Examined["resolved"] {
  const old = tables.column("arp", RESOLVED_MAX).map(({ index, bytes }) => ({
    address: index.slice(1).join("."),
    mac: macOf(bytes),
  }));
  const all = tables.column("neighbourCache", RESOLVED_MAX).map(({ index, bytes }) => ({
    address: addressText(index.slice(1)) ?? "",
    mac: macOf(bytes),
  }));
  return [...old, ...all].filter(({ address, mac }) => address !== "" && mac !== "").slice(0, RESOLVED_MAX);
}

import { type MibBuilder, value } from "../agent/index.ts";
import type { Device, Direction, Port } from "../device/index.ts";

const IF_NUMBER = "1.3.6.1.2.1.2.1";
const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IFX_ENTRY = "1.3.6.1.2.1.31.1.1.1";
const ETHERNET = 6;
const UP = 1;
const DOWN = 2;

/** IF-MIB: ifTable and ifXTable. Counters are formulas of time, so both ends of a link agree. */
export function addInterfaces(mib: MibBuilder, device: Device): void {
  mib.scalar(IF_NUMBER, value.integer(device.ports.length));
  for (const port of device.ports) {
    mib.row(IF_ENTRY, [port.index], {
      1: value.integer(port.index),
      2: value.octets(port.description),
      3: value.integer(ETHERNET),
      4: value.integer(1_500),
      5: value.gauge32(Math.min(port.speedBps, 0xffff_ffff)),
      6: value.octets(port.mac),
      7: value.integer(port.adminUp ? UP : DOWN),
      8: value.integer(port.operUp ? UP : DOWN),
      9: value.timeTicks(device.ticksAt(port.lastChangeMs)),
      ...ifCounters(port),
    });
    mib.row(IFX_ENTRY, [port.index], {
      1: value.octets(port.name),
      ...ifxCounters(port),
      14: value.integer(1),
      15: value.gauge32(Math.round(port.speedBps / 1e6)),
      16: value.integer(2),
      17: value.integer(1),
      18: value.octets(port.alias),
      19: value.timeTicks(0),
    });
  }
}

function ifCounters(port: Port) {
  return {
    10: value.counter32(octets(port, "in")),
    11: value.counter32(packets(port, "in", "unicast")),
    13: value.counter32((nowMs) => port.discards(nowMs)),
    14: value.counter32((nowMs) => port.errors(nowMs)),
    15: value.counter32(0),
    16: value.counter32(octets(port, "out")),
    17: value.counter32(packets(port, "out", "unicast")),
    19: value.counter32(0),
    20: value.counter32(0),
  };
}

function ifxCounters(port: Port) {
  const kinds = ["unicast", "multicast", "broadcast"] as const;
  const hc = (direction: Direction, first: number) => [
    [first, value.counter64(octets(port, direction))] as const,
    ...kinds.map((kind, at) => [first + 1 + at, value.counter64(packets(port, direction, kind))] as const),
  ];
  const low = (["in", "out"] as const).flatMap((direction, at) =>
    (["multicast", "broadcast"] as const).map(
      (kind, offset) => [2 + at * 2 + offset, value.counter32(packets(port, direction, kind))] as const,
    ),
  );
  return Object.fromEntries([...low, ...hc("in", 6), ...hc("out", 10)]);
}

function octets(port: Port, direction: Direction) {
  return (nowMs: number) => port.octets(direction, nowMs);
}

function packets(port: Port, direction: Direction, kind: "unicast" | "multicast" | "broadcast") {
  return (nowMs: number) => port.packets(direction, kind, nowMs);
}

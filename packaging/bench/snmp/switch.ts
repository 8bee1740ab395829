import { MibBuilder, type Mib, value } from "../../lab/agent/index.ts";

/** A 48-port switch whose every value says which device, port and column it is of, and when it was read. */
export const PORTS = 48;

/** Room for 32,767 devices. */
const ID_SPAN = 2 ** 25;
const PORT_SPAN = 64;
const COLUMN_SPAN = 16;
/** Values are true for the second they were read in; clocks of two processes differ by less than this. */
const SLACK_S = 1;

/** What every subject reads: sysUpTime and these columns, 673 values. */
export const COLUMNS = [
  { metric: "if_admin_status", oid: "1.3.6.1.2.1.2.2.1.7" },
  { metric: "if_oper_status", oid: "1.3.6.1.2.1.2.2.1.8" },
  { metric: "if_in_discards_total", oid: "1.3.6.1.2.1.2.2.1.13" },
  { metric: "if_in_errors_total", oid: "1.3.6.1.2.1.2.2.1.14" },
  { metric: "if_out_discards_total", oid: "1.3.6.1.2.1.2.2.1.19" },
  { metric: "if_out_errors_total", oid: "1.3.6.1.2.1.2.2.1.20" },
  { metric: "if_in_octets_total", oid: "1.3.6.1.2.1.31.1.1.1.6" },
  { metric: "if_in_unicast_packets_total", oid: "1.3.6.1.2.1.31.1.1.1.7" },
  { metric: "if_in_multicast_packets_total", oid: "1.3.6.1.2.1.31.1.1.1.8" },
  { metric: "if_in_broadcast_packets_total", oid: "1.3.6.1.2.1.31.1.1.1.9" },
  { metric: "if_out_octets_total", oid: "1.3.6.1.2.1.31.1.1.1.10" },
  { metric: "if_out_unicast_packets_total", oid: "1.3.6.1.2.1.31.1.1.1.11" },
  { metric: "if_out_multicast_packets_total", oid: "1.3.6.1.2.1.31.1.1.1.12" },
  { metric: "if_out_broadcast_packets_total", oid: "1.3.6.1.2.1.31.1.1.1.13" },
] as const;

export const VALUES_A_POLL = COLUMNS.length * PORTS + 1;

/** One value as a subject read it. */
export interface Observed {
  device: number;
  port: number;
  column: number;
  value: number;
}

/** Whether the value is that of this place at a time within the span (seconds of the simulator's clock). */
export function isTrue(observed: Observed, span: { fromS: number; toS: number }): boolean {
  const { device, port, column, value: seen } = observed;
  const kind = kindOf(column);
  if (kind === "status") return seen === statusOf(port, column);
  if (kind === "narrow") return seen === idOf(device, port, column);
  const second = Math.floor(seen / ID_SPAN);
  const isThen = second >= span.fromS - SLACK_S && second <= span.toS + SLACK_S;
  return isThen && seen % ID_SPAN === idOf(device, port, column);
}

export function secondOf(nowMs: number): number {
  return Math.floor(nowMs / 1_000) % 8_640_000;
}

function kindOf(column: number): "status" | "narrow" | "wide" {
  return column < 2 ? "status" : column < 6 ? "narrow" : "wide";
}

function statusOf(port: number, column: number): number {
  return column === 1 && port % 8 === 0 ? 2 : 1;
}

function idOf(device: number, port: number, column: number): number {
  return (device * PORT_SPAN + port) * COLUMN_SPAN + column;
}

const SYSTEM = "1.3.6.1.2.1.1";
const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IFX_ENTRY = "1.3.6.1.2.1.31.1.1.1";
const GIGABIT = 1_000_000_000;

/** One tree serves a whole fleet: `device` says whose numbers are asked for now; texts are those of the first. */
export function buildSwitch(device: () => number, options: { ports: number; clock: () => number }): Mib {
  const { ports, clock } = options;
  const startedMs = clock() - 3_600_000;
  const mib = new MibBuilder();
  mib.scalar(`${SYSTEM}.1`, value.octets("Switch of the benchmark, 48 ports"));
  mib.scalar(`${SYSTEM}.2`, value.objectId("1.3.6.1.4.1.99999.48"));
  mib.scalar(
    `${SYSTEM}.3`,
    value.timeTicks((nowMs) => (nowMs - startedMs) / 10 + device() * 1_000),
  );
  mib.scalar("1.3.6.1.6.3.10.2.1.2", value.integer(1));
  mib.scalar(`${SYSTEM}.5`, value.octets("switch"));
  mib.scalar("1.3.6.1.2.1.31.1.5", value.timeTicks(4_711));
  for (let port = 1; port <= ports; port++) {
    addNames(mib, port);
    for (const [column, { oid }] of COLUMNS.entries()) mib.cell(oid, [port], cellOf(device, port, column));
  }
  return mib.build();
}

function addNames(mib: MibBuilder, port: number): void {
  mib.row(IF_ENTRY, [port], {
    1: value.integer(port),
    2: value.octets(`GigabitEthernet1/0/${port}`),
    3: value.integer(6),
    4: value.integer(1_500),
    5: value.gauge32(GIGABIT),
    6: value.octets(Uint8Array.of(2, 0, 0, 0, 0, port)),
    9: value.timeTicks(0),
  });
  mib.row(IFX_ENTRY, [port], {
    1: value.octets(`Gi1/0/${port}`),
    15: value.gauge32(GIGABIT / 1e6),
    18: value.octets(`desk ${port} of this floor`),
    19: value.timeTicks(0),
  });
}

function cellOf(device: () => number, port: number, column: number) {
  const id = idOf(0, port, column);
  const step = PORT_SPAN * COLUMN_SPAN;
  switch (kindOf(column)) {
    case "status":
      return value.integer(statusOf(port, column));
    case "narrow":
      return value.counter32(() => device() * step + id);
    case "wide":
      return value.counter64((nowMs) => secondOf(nowMs) * ID_SPAN + device() * step + id);
  }
}

import { type Flow, Ramp } from "../traffic/index.ts";

export type Direction = "in" | "out";

/** One interface of a device. Its name is its identity; the index may change. */
export class Port {
  readonly device: string;
  readonly name: string;
  readonly description: string;
  readonly speedBps: number;
  readonly mac: Uint8Array;
  alias = "";
  index: number;
  adminUp = true;
  operUp = false;
  lastChangeMs: number;
  /** Traffic of the cable; both ends of a link hold the same two flows, crosswise. None: nothing is plugged in. */
  flows: Record<Direction, Flow> | undefined;
  /** The far end, when it is a device of the site. */
  peer: Port | undefined;
  /** Who is there instead: a host, a phone, the collector. */
  endpointMac: Uint8Array | undefined;
  /** Faults that hold the cable cut. Both ends of a link share one set. */
  cuts = new Set<string>();
  readonly errorsIn = new Ramp();
  readonly discardsIn = new Ramp();
  #base: Record<Direction, number> = { in: 0, out: 0 };
  #errorBase = { errors: 0, discards: 0 };

  constructor(options: {
    device: string;
    name: string;
    description: string;
    speedBps: number;
    mac: Uint8Array;
    index: number;
    sinceMs: number;
  }) {
    this.device = options.device;
    this.name = options.name;
    this.description = options.description;
    this.speedBps = options.speedBps;
    this.mac = options.mac;
    this.index = options.index;
    this.lastChangeMs = options.sinceMs;
  }

  /** Counters start from zero, as after a restart of the device. */
  zero(nowMs: number): void {
    this.#base = { in: this.flows?.in.total(nowMs) ?? 0, out: this.flows?.out.total(nowMs) ?? 0 };
    this.#errorBase = { errors: this.errorsIn.total(nowMs), discards: this.discardsIn.total(nowMs) };
  }

  /** Lets traffic and errors pass, or stops both. */
  carry(up: boolean, nowMs: number): void {
    this.flows?.in.run(up, nowMs);
    this.flows?.out.run(up, nowMs);
    this.errorsIn.run(up, nowMs);
    this.discardsIn.run(up, nowMs);
  }

  octets(direction: Direction, nowMs: number): number {
    return Math.floor(this.#octets(direction, nowMs));
  }

  packets(direction: Direction, kind: keyof typeof PACKET_SHARE, nowMs: number): number {
    if (!this.flows) return 0;
    const packets = (this.#octets(direction, nowMs) / this.flows[direction].packetOctets) * PACKET_SHARE[kind];
    const lost = direction === "in" && kind === "unicast" ? this.#errors(nowMs) + this.#discards(nowMs) : 0;
    return Math.max(0, Math.floor(packets - lost));
  }

  errors(nowMs: number): number {
    return Math.floor(this.#errors(nowMs));
  }

  discards(nowMs: number): number {
    return Math.floor(this.#discards(nowMs));
  }

  /** Packets a second that arrive even at the quietest hour. */
  get floorPacketsPerSecond(): number {
    const flow = this.flows?.in;
    return flow ? (flow.floorOctetsPerSecond / flow.packetOctets) * PACKET_SHARE.unicast : 0;
  }

  #octets(direction: Direction, nowMs: number): number {
    return this.flows ? this.flows[direction].total(nowMs) - this.#base[direction] : 0;
  }

  #errors(nowMs: number): number {
    return this.errorsIn.total(nowMs) - this.#errorBase.errors;
  }

  #discards(nowMs: number): number {
    return this.discardsIn.total(nowMs) - this.#errorBase.discards;
  }
}

const PACKET_SHARE = { unicast: 0.97, multicast: 0.02, broadcast: 0.01 } as const;

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { type Downlink, DownlinkSchema, type Uplink, UplinkSchema } from "@watchpost/proto";
import type { OpenStream, Stream, StreamEvents } from "../../../collector/link/index.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

/** Messages under way before the writer is asked to wait. */
const WINDOW_MESSAGES = 16;
/** After this much silence the other side's system gives a connection up. */
const HALF_OPEN_MS_MAX = 40_000;

/** What the hub does with a connection. */
export interface HubEnd {
  message(message: Uplink): void;
  closed(): void;
}

export interface Acceptor {
  readonly isUp: boolean;
  readonly owner: string;
  accept(wire: Wire): HubEnd;
}

export interface Weather {
  /** Nothing passes until then; what is sent meanwhile comes later. */
  silentUntilMs: number;
  /** Share of messages that never arrive, arrive twice, or overtake the one before. */
  lossShare: number;
  twiceShare: number;
  overtakeShare: number;
}

/** The network between one collector and the hub. */
export class Network {
  readonly weather: Weather = { silentUntilMs: 0, lossShare: 0, twiceShare: 0, overtakeShare: 0 };
  readonly world: World;
  readonly random: Random;
  readonly #hub: Acceptor;
  readonly #wires = new Set<Wire>();

  constructor(world: World, random: Random, hub: Acceptor) {
    this.world = world;
    this.random = random;
    this.#hub = hub;
  }

  opener(owner: string): OpenStream {
    return () => {
      const wire = new Wire(this, owner, this.#hub);
      this.#wires.add(wire);
      return wire;
    };
  }

  /** Every connection breaks, as with a reset. */
  cut(): void {
    for (const wire of this.#wires) wire.cut();
    this.#wires.clear();
  }
}

interface Lane {
  lastAtMs: number;
  underWay: number;
}

/** One stream: two lanes of encoded messages with a delay. */
export class Wire implements Stream {
  readonly #network: Network;
  readonly #owner: string;
  readonly #hub: Acceptor;
  readonly #up: Lane = { lastAtMs: 0, underWay: 0 };
  readonly #down: Lane = { lastAtMs: 0, underWay: 0 };
  #events: StreamEvents | undefined;
  #hubEnd: HubEnd | undefined;
  #collectorGone = false;
  #hubGone = false;

  constructor(network: Network, owner: string, hub: Acceptor) {
    this.#network = network;
    this.#owner = owner;
    this.#hub = hub;
  }

  listen(events: StreamEvents): void {
    this.#events = events;
    if (this.#hub.isUp) this.#hubEnd = this.#hub.accept(this);
    else this.refuse("connection refused");
  }

  send(message: Uplink): boolean {
    if (this.#collectorGone || this.#network.world.isDead(this.#owner)) return true;
    const bytes = toBinary(UplinkSchema, message);
    this.#pass(this.#up, this.#hub.owner, () => {
      if (!this.#hubGone) this.#hubEnd?.message(fromBinary(UplinkSchema, bytes));
    });
    return this.#up.underWay < WINDOW_MESSAGES;
  }

  end(): void {
    this.#pass(this.#up, this.#hub.owner, () => this.#hubLeaves());
    this.#pass(this.#down, this.#owner, () => this.#events?.over());
  }

  /** The collector forgets the connection; the hub learns of it late, and what was under way may still arrive. */
  close(): void {
    if (this.#collectorGone) return;
    this.#collectorGone = true;
    const { world, random, weather } = this.#network;
    const lateMs = Math.max(0, weather.silentUntilMs - world.nowMs) + random.between(1, HALF_OPEN_MS_MAX);
    world.after(lateMs, () => this.#hubLeaves(), this.#hub.owner);
  }

  reply(message: Downlink): void {
    const bytes = toBinary(DownlinkSchema, message);
    this.#pass(this.#down, this.#owner, () => {
      if (!this.#collectorGone) this.#events?.message(fromBinary(DownlinkSchema, bytes));
    });
  }

  /** The hub ends the stream with a status. */
  refuse(details: string): void {
    this.#hubGone = true;
    this.#pass(this.#down, this.#owner, () => this.#failed(details));
  }

  cut(): void {
    const { world, random } = this.#network;
    this.#hubGone ||= random.chance(0.5);
    world.after(random.between(0, 2_000), () => this.#failed("connection reset"), this.#owner);
    world.after(random.between(0, HALF_OPEN_MS_MAX), () => this.#hubLeaves(), this.#hub.owner);
  }

  #failed(details: string): void {
    if (this.#collectorGone) return;
    this.#collectorGone = true;
    this.#events?.failed({ code: status.UNAVAILABLE, details });
    this.#events?.over();
  }

  #hubLeaves(): void {
    if (this.#hubGone) return;
    this.#hubGone = true;
    this.#hubEnd?.closed();
  }

  #pass(lane: Lane, owner: string, arrive: () => void): void {
    const { world, random, weather } = this.#network;
    if (random.chance(weather.lossShare)) return;
    const sentAtMs = Math.max(world.nowMs, weather.silentUntilMs);
    const direct = sentAtMs + random.between(1, 60);
    const atMs = random.chance(weather.overtakeShare) ? direct : Math.max(lane.lastAtMs, direct);
    lane.lastAtMs = Math.max(lane.lastAtMs, atMs);
    lane.underWay += 1;
    const landed = (): void => {
      lane.underWay -= 1;
      arrive();
      if (lane === this.#up && lane.underWay === WINDOW_MESSAGES / 2) {
        world.after(0, () => this.#events?.writable(), this.#owner);
      }
    };
    world.after(atMs - world.nowMs, landed, owner);
    if (random.chance(weather.twiceShare)) world.after(atMs - world.nowMs + 1, arrive, owner);
  }
}

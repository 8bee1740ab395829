import { create } from "@bufbuild/protobuf";
import {
  AckSchema,
  DownlinkSchema,
  type Downlink,
  type Event,
  type EventBatch,
  HeartbeatSchema,
  type Uplink,
  WelcomeSchema,
} from "@watchpost/proto";
import { judgeBatch } from "../../../hub/link/judge-batch.ts";
import type { Bug } from "./bug.ts";
import type { Acceptor, HubEnd, Wire } from "./network.ts";
import type { Random } from "./random.ts";
import type { SiteClock, World } from "./world.ts";

const HEARTBEAT_MS = 10_000;
const SILENCE_MAX_MS = 30_000;

export interface StoredEvent {
  epoch: string;
  event: Event;
}

/** A hub with a database that keeps what it committed, whatever becomes of the process. It judges by the hub's own rule. */
export class SimulatedHub implements Acceptor {
  readonly stored: StoredEvent[] = [];
  isUp = true;
  readonly #cursors = new Map<string, number>();
  readonly #world: World;
  readonly #random: Random;
  readonly #clock: SiteClock;
  readonly #bug: Bug | undefined;
  #life = 1;
  #current: SimulatedSession | undefined;

  constructor(world: World, random: Random, clock: SiteClock, bug: Bug | undefined) {
    this.#world = world;
    this.#random = random;
    this.#clock = clock;
    this.#bug = bug;
  }

  get owner(): string {
    return `hub-${this.#life}`;
  }

  accept(wire: Wire): HubEnd {
    return new SimulatedSession(wire, this);
  }

  kill(): void {
    this.#world.note("hub killed");
    this.#world.kill(this.owner);
    this.isUp = false;
    this.#current = undefined;
  }

  start(): void {
    this.#life += 1;
    this.isUp = true;
    this.#world.note("hub started");
  }

  /** A second stream of the collector takes the place of the first. */
  greeted(session: SimulatedSession): void {
    this.#current?.end("another stream of this collector took its place");
    this.#current = session;
  }

  cursor(epoch: string): number {
    return this.#cursors.get(epoch) ?? 0;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Time that a transaction takes. */
  later(run: () => void): void {
    this.#world.after(this.#random.between(2, 400), run, this.owner);
  }

  watch(run: () => void): () => void {
    return this.#world.after(SILENCE_MAX_MS, run, this.owner);
  }

  /** One transaction: all of it happens here, or nothing. */
  commit(epoch: string, batch: EventBatch): ReturnType<typeof judgeBatch> {
    const judged = judgeBatch(this.cursor(epoch), batch.events);
    this.#world.note(
      `hub ${judged.kind} ${batch.events[0]?.seq ?? 0n}+${batch.events.length} ${batch.events[0]?.device ?? ""}`,
    );
    if (judged.kind === "fresh") {
      for (const event of judged.events) this.stored.push({ epoch, event });
      const forgetsCursor = this.#bug === "duplicate-after-restart" && this.#random.chance(0.3);
      if (!forgetsCursor) this.#cursors.set(epoch, judged.ackedSeq);
    }
    return judged;
  }
}

/** One stream at the hub: takes a message, finishes it, takes the next. */
class SimulatedSession implements HubEnd {
  readonly #wire: Wire;
  readonly #hub: SimulatedHub;
  readonly #waiting: Uplink["message"][] = [];
  #busy = false;
  #over = false;
  #epoch: string | undefined;
  #cancelWatch: () => void;

  constructor(wire: Wire, hub: SimulatedHub) {
    this.#wire = wire;
    this.#hub = hub;
    this.#cancelWatch = hub.watch(() => this.end("silent"));
  }

  message({ message }: Uplink): void {
    if (this.#over) return;
    this.#waiting.push(message);
    this.#next();
  }

  closed(): void {
    this.#over = true;
    this.#cancelWatch();
  }

  end(details: string): void {
    if (this.#over) return;
    this.closed();
    this.#wire.refuse(details);
  }

  #next(): void {
    if (this.#busy) return;
    const message = this.#waiting.shift();
    if (!message) return;
    this.#busy = true;
    this.#cancelWatch();
    this.#hub.later(() => {
      this.#busy = false;
      this.#take(message);
      if (this.#over) return;
      this.#cancelWatch = this.#hub.watch(() => this.end("silent"));
      this.#next();
    });
  }

  #take(message: Uplink["message"]): void {
    if (message.case === "hello") {
      if (this.#epoch !== undefined) return this.end("a second hello on one stream");
      const epoch = message.value.outboxEpoch;
      this.#epoch = epoch;
      this.#hub.greeted(this);
      const ackedSeq = BigInt(this.#hub.cursor(epoch));
      const value = create(WelcomeSchema, { ackedSeq, heartbeatIntervalMs: HEARTBEAT_MS });
      return this.#reply({ case: "welcome", value });
    }
    const epoch = this.#epoch;
    if (epoch === undefined) return this.end("the first message must be hello");
    if (message.case === "events") {
      const judged = this.#hub.commit(epoch, message.value);
      if (judged.kind === "hole" || judged.kind === "refused") return this.end(judged.kind);
      return this.#reply({ case: "ack", value: create(AckSchema, { seq: BigInt(judged.ackedSeq) }) });
    }
    if (message.case === "heartbeat") {
      const clockMs = BigInt(this.#hub.nowMs());
      this.#reply({
        case: "heartbeat",
        value: create(HeartbeatSchema, { clockMs, echoClockMs: message.value.clockMs }),
      });
    }
  }

  #reply(message: Downlink["message"]): void {
    if (!this.#over) this.#wire.reply(create(DownlinkSchema, { message }));
  }
}

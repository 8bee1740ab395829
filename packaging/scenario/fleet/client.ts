import { create } from "@bufbuild/protobuf";
import {
  type Downlink,
  type Event,
  EventBatchSchema,
  HelloSchema,
  HeartbeatSchema,
  UplinkSchema,
} from "@watchpost/proto";
import type { Identity } from "../../../collector/enroll/index.ts";
import { openStream, type Stream } from "../../../collector/link/stream.ts";

const BATCH_EVENTS = 500;
const IN_FLIGHT_MAX = 2_000;
const HEARTBEAT_MS = 10_000;
const RECONNECT_MS = 1_000;

/** A collector as the hub sees it: real mutual TLS and the real protocol, with its events in memory. */
export class FleetClient {
  readonly identity: Identity;
  /** Times of performance.now(). */
  welcomedAtMs: number | undefined;
  ackedSeq = 0;
  streams = 0;
  onAck: (seq: number) => void = () => undefined;
  readonly #epoch = crypto.randomUUID();
  readonly #events: Event[] = [];
  #stream: Stream | undefined;
  #sentSeq = 0;
  #blocked = false;
  #closed = false;
  #timer: Timer | undefined;
  #beat: Timer | undefined;

  constructor(identity: Identity) {
    this.identity = identity;
  }

  get lastSeq(): number {
    return this.#events.length;
  }

  get isStreaming(): boolean {
    return this.welcomedAtMs !== undefined;
  }

  add(events: readonly Event[]): void {
    for (const event of events) {
      event.seq = BigInt(this.#events.length + 1);
      this.#events.push(event);
    }
    this.#pump();
  }

  connect(): void {
    if (this.#closed) return;
    const stream = openStream(this.identity.linkAddress, this.identity);
    this.#stream = stream;
    this.#blocked = false;
    stream.listen({
      message: (message) => this.#take(message),
      writable: () => {
        this.#blocked = false;
        this.#pump();
      },
      failed: () => this.#again(stream),
      over: () => this.#again(stream),
    });
    const value = create(HelloSchema, { outboxEpoch: this.#epoch, collectorVersion: "fleet" });
    stream.send(create(UplinkSchema, { message: { case: "hello", value } }));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    this.#stream?.close();
  }

  #again(stream: Stream): void {
    if (stream !== this.#stream || this.#closed) return;
    this.welcomedAtMs = undefined;
    this.#stream = undefined;
    clearInterval(this.#beat);
    stream.close();
    this.#timer = setTimeout(() => this.connect(), RECONNECT_MS * (0.5 + Math.random()));
  }

  #take({ message }: Downlink): void {
    if (message.case === "welcome") {
      this.welcomedAtMs = performance.now();
      this.streams += 1;
      this.#acked(Number(message.value.ackedSeq));
      this.#sentSeq = this.ackedSeq;
      this.#beat = setInterval(() => this.#sendHeartbeat(), HEARTBEAT_MS);
    }
    if (message.case === "ack") this.#acked(Number(message.value.seq));
    this.#pump();
  }

  #acked(seq: number): void {
    this.ackedSeq = Math.max(this.ackedSeq, seq);
    this.onAck(this.ackedSeq);
  }

  #sendHeartbeat(): void {
    const value = create(HeartbeatSchema, { clockMs: BigInt(Date.now()) });
    this.#stream?.send(create(UplinkSchema, { message: { case: "heartbeat", value } }));
  }

  #pump(): void {
    while (this.isStreaming && !this.#blocked && this.#sentSeq < this.lastSeq) {
      if (this.#sentSeq - this.ackedSeq >= IN_FLIGHT_MAX) return;
      const events = this.#events.slice(this.#sentSeq, this.#sentSeq + BATCH_EVENTS);
      this.#sentSeq += events.length;
      const value = create(EventBatchSchema, { events });
      const sent = this.#stream?.send(create(UplinkSchema, { message: { case: "events", value } }));
      this.#blocked = sent === false;
    }
  }
}

import type { TimerClock } from "../../clock.ts";
import type { SnmpCounters } from "../counters.ts";
import type { Peer } from "./peer.ts";
import type { ReceiveText, SharedSocket, SocketFactory } from "./socket.ts";

const QUEUED_MAX = 20_000;
const PACKETS_PER_CALL = 512;
/** One stall is an ICMP answer that the failing call consumed; more are a full send buffer. */
const STALLS_BEFORE_WAIT = 3;
const WAITS_MAX = 20;
const WAIT_MS = 5;

interface OutboxDeps {
  clock: TimerClock;
  counters: SnmpCounters;
  sockets: SocketFactory;
  receive: ReceiveText;
}

/** Sends through the shared socket of one address family, many datagrams a call, and resumes when a call is cut short. */
export class Outbox {
  readonly #queue: (Uint8Array | number | string)[] = [];
  #socket: SharedSocket | undefined;
  #scheduled = false;
  #stalls = 0;
  #waits = 0;
  #closed = false;
  readonly #family: Peer["family"];
  readonly #deps: OutboxDeps;

  constructor(family: Peer["family"], deps: OutboxDeps) {
    this.#family = family;
    this.#deps = deps;
  }

  /** Takes ownership of the bytes. */
  send(bytes: Uint8Array, peer: Peer): void {
    const { counters } = this.#deps;
    if (this.#closed || this.#queue.length >= QUEUED_MAX * 3) {
      counters.sendFailures += 1;
      return;
    }
    counters.sent += 1;
    this.#queue.push(bytes, peer.port, peer.address);
    if (this.#socket) this.#schedule();
  }

  async open(): Promise<void> {
    const socket = await this.#deps.sockets.openShared(this.#family, this.#deps.receive);
    if (this.#closed) return socket.close();
    this.#socket = socket;
    this.#deps.counters.receiveBufferBytes = socket.receiveBufferBytes;
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#socket?.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const taken = this.#sendSome();
      this.#queue.splice(0, taken * 3);
      if (taken > 0) {
        this.#stalls = 0;
        this.#waits = 0;
        continue;
      }
      this.#stalls += 1;
      if (this.#stalls < STALLS_BEFORE_WAIT) continue;
      this.#stalls = 0;
      this.#waits += 1;
      if (this.#waits > WAITS_MAX) this.#giveUpFirst();
      else return void this.#deps.clock.after(WAIT_MS, () => this.#flush());
    }
  }

  #sendSome(): number {
    try {
      return this.#socket?.sendMany(this.#queue.slice(0, PACKETS_PER_CALL * 3)) ?? 0;
    } catch (error) {
      // No route, a forbidden address: the datagram's own fate, and its request times out and says so.
      if (!(error instanceof Error)) throw error;
      this.#giveUpFirst();
      return 0;
    }
  }

  #giveUpFirst(): void {
    this.#queue.splice(0, 3);
    this.#waits = 0;
    this.#deps.counters.sendFailures += 1;
  }
}

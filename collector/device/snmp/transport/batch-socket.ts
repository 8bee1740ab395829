import { read } from "bun:ffi";
import type { TimerClock } from "../../clock.ts";
import type { SnmpCounters } from "../counters.ts";
import type { Datagram, Receive } from "./datagram.ts";
import { type Libc, openLibc } from "./libc.ts";
import { type Message, MessageTable } from "./message-table.ts";
import { type Peer, SOCKADDR_BYTES } from "./peer.ts";
import { tuneSocket } from "./tune.ts";

// Hot path: one call brings or sends the datagrams of many devices, and none of them becomes an object. The runtime's
// own socket wakes the process for every answer: with agents that answer one after the other 11 questions cost 0.24 ms
// CPU through it and 0.09 here (Bun 1.4.5, 2 shared cores). Twin: Outbox, which is used where this cannot be opened.

const RECEIVE_SLOTS = 32;
const SEND_SLOTS = 64;
const DATAGRAM_BYTES_MAX = 65_536;
const QUESTION_BYTES_MAX = 8_192;
/** How long answers may gather; ever longer while none comes, up to the larger. */
const TURN_MS = 1;
const TURN_MS_MAX = 8;
/** The same where all that may come is late. */
const LATE_TURN_MS = 50;
/** Calls of one turn that brought a full table: then others have theirs. */
const CALLS_A_TURN_MAX = 64;
/** Turns in which the kernel took nothing, before the first datagram is given up. */
const STALLS_MAX = 20;

const AF = { ipv4: 2, ipv6: 10 } as const;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const EAGAIN = 11;
const ENOBUFS = 105;

export interface BatchDeps {
  clock: TimerClock;
  counters: SnmpCounters;
  receive: Receive;
  /** Whether an answer may still come, if only one that nobody waits for any more. */
  awaits: () => "answers" | "late" | "nothing";
}

/** The shared socket of one address family, read and written in turns of a millisecond or more. */
export class BatchSocket implements Datagram {
  readonly isPassing = true;
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;
  readonly #fd: number;
  readonly #libc: Libc;
  readonly #deps: BatchDeps;
  readonly #incoming: MessageTable;
  readonly #outgoing: MessageTable;
  readonly #errno: NonNullable<ReturnType<Libc["__errno_location"]>>;
  #slot = 0;
  #queued = 0;
  #stalls = 0;
  #turnMs = TURN_MS;
  #cancelTurn: (() => void) | undefined;
  #inTurn = false;
  #flushes = false;
  #closed = false;

  private constructor(fd: number, libc: Libc, family: Peer["family"], deps: BatchDeps) {
    const errno = libc.__errno_location();
    if (errno === null) throw new Error("the C library has no place for error numbers");
    this.#fd = fd;
    this.#libc = libc;
    this.#deps = deps;
    this.#errno = errno;
    const nameBytes = SOCKADDR_BYTES[family];
    this.#incoming = new MessageTable({ slots: RECEIVE_SLOTS, bytesMax: DATAGRAM_BYTES_MAX, nameBytes });
    this.#outgoing = new MessageTable({ slots: SEND_SLOTS, bytesMax: QUESTION_BYTES_MAX, nameBytes });
    this.bytes = this.#incoming.bytes;
    deps.counters.receiveBufferBytes = tuneSocket({ fd }, family);
  }

  /** Undefined where the system gives none: then the runtime's own sockets do. */
  static open(family: Peer["family"], deps: BatchDeps): BatchSocket | undefined {
    const libc = openLibc();
    const fd = libc?.socket(AF[family], SOCK_DGRAM_NONBLOCK_CLOEXEC, 0) ?? -1;
    return libc && fd >= 0 ? new BatchSocket(fd, libc, family, deps) : undefined;
  }

  /** Copies the bytes; they leave with those of other devices. */
  send(message: Message, peer: Peer): void {
    if (this.#queued === SEND_SLOTS) this.#flush();
    if (this.#queued === SEND_SLOTS || this.#closed) {
      this.#deps.counters.sendFailures += 1;
      return;
    }
    this.#deps.counters.sent += 1;
    this.#outgoing.put(this.#queued, message, peer.words);
    this.#queued += 1;
    // A turn that is under way or about to come takes it along.
    if (this.#inTurn || (this.#cancelTurn && this.#turnMs === TURN_MS)) return;
    this.#plan(TURN_MS);
    if (this.#flushes) return;
    this.#flushes = true;
    setImmediate(() => {
      this.#flushes = false;
      this.#flush();
    });
  }

  /** Takes what has come in; answers gather until then. */
  catchUp(): void {
    if (!this.#inTurn) this.#take();
  }

  #plan(delayMs: number): void {
    this.#cancelTurn?.();
    this.#turnMs = delayMs;
    this.#cancelTurn = this.#deps.clock.after(delayMs, this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#cancelTurn = undefined;
    let came = true;
    // Whatever one datagram does to its reader, the others are still read.
    try {
      came = this.#take();
      this.#flush();
    } finally {
      this.#planNext(came);
    }
  };

  #planNext(came: boolean): void {
    const awaits = this.#closed ? "nothing" : this.#deps.awaits();
    if (awaits === "nothing" || this.#cancelTurn) return;
    if (awaits === "late") this.#plan(LATE_TURN_MS);
    else this.#plan(came ? TURN_MS : Math.min(TURN_MS_MAX, this.#turnMs * 2));
  }

  #take(): boolean {
    let count = RECEIVE_SLOTS;
    let calls = 0;
    this.#inTurn = true;
    try {
      for (; count === RECEIVE_SLOTS && calls < CALLS_A_TURN_MAX && !this.#closed; calls++) {
        count = this.#libc.recvmmsg(this.#fd, this.#incoming.pointer, RECEIVE_SLOTS, 0, null);
        for (let slot = 0; slot < count && !this.#closed; slot++) {
          this.#slot = slot;
          this.start = slot * this.#incoming.slotBytes;
          this.end = this.start + this.#incoming.received(slot);
          this.#deps.receive(this);
        }
      }
    } finally {
      this.#inTurn = false;
    }
    return calls > 1 || count > 0;
  }

  #flush(): void {
    while (this.#queued > 0 && !this.#closed) {
      const sent = this.#libc.sendmmsg(this.#fd, this.#outgoing.pointer, this.#queued, 0);
      if (sent > 0) {
        this.#forget(sent);
        this.#stalls = 0;
        continue;
      }
      const error = read.i32(this.#errno);
      const isFull = error === EAGAIN || error === ENOBUFS;
      this.#stalls = isFull ? this.#stalls + 1 : 0;
      // The next turn tries again: questions in the queue are awaited.
      if (isFull && this.#stalls < STALLS_MAX) return;
      // No route, a forbidden address: the datagram's own fate, and its request times out and says so.
      this.#forget(1);
      this.#deps.counters.sendFailures += 1;
    }
  }

  #forget(count: number): void {
    this.#outgoing.shift(count, this.#queued);
    this.#queued -= count;
  }

  isFrom(peer: Peer): boolean {
    return this.#incoming.isNamed(this.#slot, peer.words);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTurn?.();
    this.#libc.close(this.#fd);
  }
}

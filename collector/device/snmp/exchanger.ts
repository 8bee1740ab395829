import { randomBytes } from "node:crypto";
import type { TimerClock } from "../clock.ts";
import type { SnmpCounters } from "./counters.ts";
import { Deadlines } from "./deadlines.ts";
import type { Attempt, Exchange } from "./exchange.ts";
import { explainClosed } from "./explain.ts";
import { Incoming, Version } from "./incoming.ts";
import { type Session, TIMEOUT_MAX_MS } from "./session.ts";
import type { Datagram } from "./transport/datagram.ts";
import type { SocketFactory } from "./transport/socket.ts";
import { Transport } from "./transport/transport.ts";
import { KeyRing } from "./usm/key-ring.ts";
import { REQUEST_ROOM_BYTES, Writer } from "./writer.ts";

const RECENT_IDS = 4_096;
const ID_MAX = 0x7fff_ffff;
const UNANSWERED_MAX = 2_048;
const KEPT_BYTES = 65_536;

export interface ExchangerDeps {
  clock: TimerClock;
  /** A number in [0, 2^32) that nobody can foretell. */
  random: () => number;
  sockets: SocketFactory;
  counters: SnmpCounters;
}

/** Sends questions and gives every datagram that comes in to the exchange it belongs to, or counts why it belongs to none. */
export class Exchanger {
  readonly clock: TimerClock;
  readonly counters: SnmpCounters;
  readonly transport: Transport;
  readonly deadlines: Deadlines;
  readonly keyRing = new KeyRing();
  readonly writer = new Writer(REQUEST_ROOM_BYTES);
  readonly #random: () => number;
  readonly #incoming = new Incoming();
  readonly #pending = new Map<number, Attempt>();
  /** Datagrams that are referred to after they were answered, one behind the other. */
  #kept = new Uint8Array(0);
  #keptEnd = 0;
  /** Ids that ended lately, to tell a late answer from a foreign one. */
  readonly #recent = new Int32Array(RECENT_IDS);
  #recentAt = 0;
  /** Questions that were given up lately: who answers one after all is slow, not silent. */
  readonly #unanswered = new Map<number, { session: Session; sentMs: number; timeoutMs: number }>();
  /** Until then an answer may come to a question that was given up. */
  #lateUntilMs = 0;
  readonly #salt = randomBytes(8);
  #closed = false;

  constructor(deps: ExchangerDeps) {
    this.clock = deps.clock;
    this.counters = deps.counters;
    this.#random = deps.random;
    this.deadlines = new Deadlines({
      clock: deps.clock,
      isWaiting: (id) => this.#pending.get(id)?.exchange.lastId === id,
      expire: (id) => {
        // It may have come while the process did something else.
        this.transport.catchUp();
        this.#pending.get(id)?.exchange.onTimeout();
      },
    });
    this.transport = new Transport({
      ...deps,
      receive: (datagram) => this.#receive(datagram),
      awaits: () =>
        this.#pending.size > 0 ? "answers" : this.clock.monotonicMs() < this.#lateUntilMs ? "late" : "nothing",
      failed: (family, reason) => this.#failAll((exchange) => exchange.session.peer.family === family, reason),
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Gives a new datagram an id that nobody else waits for. */
  register(attempt: Attempt): number {
    let id = 0;
    while (id === 0 || this.#pending.has(id)) id = (this.#random() >>> 0) & ID_MAX;
    this.#pending.set(id, attempt);
    return id;
  }

  forget(exchange: Exchange): void {
    for (const id of exchange.ids) {
      this.#pending.delete(id);
      this.#recent[this.#recentAt] = id;
      this.#recentAt = (this.#recentAt + 1) % RECENT_IDS;
    }
  }

  rememberUnanswered({ ids, session, target }: Exchange): void {
    this.#lateUntilMs = this.clock.monotonicMs() + TIMEOUT_MAX_MS;
    for (const id of ids) {
      const sentMs = this.#pending.get(id)?.sentMs ?? 0;
      this.#unanswered.set(id, { session, sentMs, timeoutMs: target.timeoutMs });
    }
    for (const oldest of this.#unanswered.keys()) {
      if (this.#unanswered.size <= UNANSWERED_MAX) break;
      this.#unanswered.delete(oldest);
    }
  }

  /** Counts up from a random start; the buffer is the same with every call. */
  nextSalt(): Buffer {
    const salt = this.#salt;
    for (let at = salt.length - 1; at >= 0; at--) {
      const next = ((salt[at] as number) + 1) & 0xff;
      salt[at] = next;
      if (next !== 0) break;
    }
    return salt;
  }

  close(): void {
    this.#closed = true;
    this.#failAll(() => true, "the SNMP engine is closed");
    this.deadlines.close();
    this.transport.close();
  }

  #failAll(which: (exchange: Exchange) => boolean, reason: string): void {
    const exchanges = new Set([...this.#pending.values()].map((attempt) => attempt.exchange));
    for (const exchange of exchanges) if (which(exchange)) exchange.fail(explainClosed(exchange.target, reason));
  }

  #receive(datagram: Datagram): void {
    const { counters } = this;
    const incoming = this.#incoming;
    counters.received += 1;
    if (!isReadable(incoming, datagram.bytes, datagram.start, datagram.end)) {
      counters.malformed += 1;
      return this.#blame(datagram);
    }
    const id = incoming.version === Version.v3 ? incoming.messageId : incoming.requestId;
    const attempt = this.#pending.get(id);
    if (!attempt) return this.#countStranger(id, datagram);
    const { exchange } = attempt;
    if (!datagram.isFrom(exchange.session.peer)) {
      counters.wrongSource += 1;
      exchange.heard.elsewhere += 1;
      return;
    }
    if (datagram.isPassing && exchange.keepsAnswers) {
      const start = this.#keep(datagram);
      isReadable(incoming, this.#kept, start, this.#keptEnd);
    }
    if (incoming.version === Version.v3) return exchange.onUserMessage(attempt, incoming);
    const version = exchange.target.credential.version === "v1" ? Version.v1 : Version.v2c;
    if (version !== incoming.version) return exchange.noteGarbage();
    exchange.onCommunityMessage(attempt, incoming);
  }

  /** Copies a datagram behind those before it: one piece of memory for many costs less to get and to give back. */
  #keep({ bytes, start, end }: Datagram): number {
    const length = end - start;
    if (this.#keptEnd + length > this.#kept.length) {
      this.#kept = new Uint8Array(Math.max(KEPT_BYTES, length));
      this.#keptEnd = 0;
    }
    const at = this.#keptEnd;
    this.#kept.set(bytes.subarray(start, end), at);
    this.#keptEnd = at + length;
    return at;
  }

  #countStranger(id: number, datagram: Datagram): void {
    if (this.#recent.includes(id)) {
      this.counters.late += 1;
      this.#noteSlow(id, datagram);
      return;
    }
    this.counters.unknownId += 1;
    this.#blame(datagram);
  }

  #noteSlow(id: number, datagram: Datagram): void {
    const given = this.#unanswered.get(id);
    if (!given || !datagram.isFrom(given.session.peer)) return;
    this.#unanswered.delete(id);
    given.session.noteRoundTrip(this.clock.monotonicMs() - given.sentMs, given.timeoutMs);
  }

  /** Remembers with whoever is waiting for that sender that it answers nonsense. Rare, so a scan of all is cheap enough. */
  #blame(datagram: Datagram): void {
    for (const { exchange } of this.#pending.values())
      if (datagram.isFrom(exchange.session.peer)) exchange.heard.garbage += 1;
  }
}

/** Reads all but what only the key or the one who asked can read. */
function isReadable(incoming: Incoming, bytes: Uint8Array, start: number, end: number): boolean {
  if (!incoming.readHeader(bytes, start, end)) return false;
  return incoming.version === Version.v3 || incoming.readPduHead(bytes, incoming.data.start, incoming.data.end);
}

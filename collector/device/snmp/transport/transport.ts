import type { TimerClock } from "../../clock.ts";
import type { SnmpCounters } from "../counters.ts";
import { type BatchDeps, BatchSocket } from "./batch-socket.ts";
import { OwnDatagram, type Receive } from "./datagram.ts";
import type { Message } from "./message-table.ts";
import { Outbox } from "./outbox.ts";
import type { Peer } from "./peer.ts";
import { Probe } from "./probe.ts";
import type { ReceiveText, SocketFactory } from "./socket.ts";

/** Sockets for single agents at one time; beyond it a retry goes through the shared socket. */
const PROBES_MAX = 256;

export interface TransportDeps {
  clock: TimerClock;
  counters: SnmpCounters;
  sockets: SocketFactory;
  receive: Receive;
  awaits: BatchDeps["awaits"];
  /** A socket could not be had: every request of that family fails with this. */
  failed: (family: Peer["family"], reason: string) => void;
}

/** One shared socket per address family, opened at its first use, and single sockets that learn of refusals. */
export class Transport {
  readonly #shared = new Map<Peer["family"], BatchSocket | Outbox>();
  readonly #deps: TransportDeps;
  readonly #receiveText: ReceiveText;
  #probes = 0;

  constructor(deps: TransportDeps) {
    this.#deps = deps;
    this.#receiveText = (bytes, port, address) => deps.receive(new OwnDatagram(bytes, port, address));
  }

  /** The bytes may be written over as soon as it returns. */
  send(message: Message, peer: Peer): void {
    const shared = this.#shared.get(peer.family) ?? this.#open(peer.family);
    if (shared instanceof BatchSocket) shared.send(message, peer);
    else shared.send(message.bytes.slice(message.at), peer);
  }

  #open(family: Peer["family"]): BatchSocket | Outbox {
    const { sockets } = this.#deps;
    const shared =
      sockets.openBatch?.(family, this.#deps) ?? new Outbox(family, { ...this.#deps, receive: this.#receiveText });
    this.#shared.set(family, shared);
    if (shared instanceof Outbox)
      shared.open().catch((error: unknown) => {
        this.#shared.delete(family);
        this.#deps.failed(family, error instanceof Error ? error.message : String(error));
      });
    return shared;
  }

  /** Takes what has come in and was not looked at yet. */
  catchUp(): void {
    for (const shared of this.#shared.values()) if (shared instanceof BatchSocket) shared.catchUp();
  }

  /** Sends through a socket of its own; `refused` is called when the host says that nobody listens. Call what it returns to end it. */
  probe(message: Message, peer: Peer, refused: () => void): () => void {
    if (this.#probes >= PROBES_MAX) {
      this.send(message, peer);
      return () => undefined;
    }
    this.#probes += 1;
    const receive = this.#receiveText;
    const probe = new Probe({ ...this.#deps, receive, refused, ended: () => (this.#probes -= 1) });
    const own = message.bytes.slice(message.at);
    probe.send(own, peer).catch(() => {
      // No descriptor is left for it: the shared socket does as well, it only cannot tell a refusal.
      probe.end();
      this.send({ bytes: own, at: 0 }, peer);
    });
    return () => probe.end();
  }

  close(): void {
    for (const outbox of this.#shared.values()) outbox.close();
    this.#shared.clear();
  }
}

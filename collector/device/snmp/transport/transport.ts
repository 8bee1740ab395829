import type { TimerClock } from "../../clock.ts";
import type { SnmpCounters } from "../counters.ts";
import { Outbox } from "./outbox.ts";
import type { Peer } from "./peer.ts";
import { Probe } from "./probe.ts";
import type { Receive, SocketFactory } from "./socket.ts";

/** Sockets for single agents at one time; beyond it a retry goes through the shared socket. */
const PROBES_MAX = 256;

export interface TransportDeps {
  clock: TimerClock;
  counters: SnmpCounters;
  sockets: SocketFactory;
  receive: Receive;
  /** A socket could not be had: every request of that family fails with this. */
  failed: (family: Peer["family"], reason: string) => void;
}

/** One shared socket per address family, opened at its first use, and single sockets that learn of refusals. */
export class Transport {
  readonly #shared = new Map<Peer["family"], Outbox>();
  readonly #deps: TransportDeps;
  #probes = 0;

  constructor(deps: TransportDeps) {
    this.#deps = deps;
  }

  send(bytes: Uint8Array, peer: Peer): void {
    let outbox = this.#shared.get(peer.family);
    if (!outbox) {
      outbox = new Outbox(peer.family, this.#deps);
      this.#shared.set(peer.family, outbox);
      outbox.open().catch((error: unknown) => {
        this.#shared.delete(peer.family);
        this.#deps.failed(peer.family, error instanceof Error ? error.message : String(error));
      });
    }
    outbox.send(bytes, peer);
  }

  /** Sends through a socket of its own; `refused` is called when the host says that nobody listens. Call what it returns to end it. */
  probe(bytes: Uint8Array, peer: Peer, refused: () => void): () => void {
    if (this.#probes >= PROBES_MAX) {
      this.send(bytes, peer);
      return () => undefined;
    }
    this.#probes += 1;
    const probe = new Probe({ ...this.#deps, refused, ended: () => (this.#probes -= 1) });
    probe.send(bytes, peer).catch(() => {
      // No descriptor is left for it: the shared socket does as well, it only cannot tell a refusal.
      probe.end();
      this.send(bytes, peer);
    });
    return () => probe.end();
  }

  close(): void {
    for (const outbox of this.#shared.values()) outbox.close();
    this.#shared.clear();
  }
}

import type { SnmpCounters } from "../counters.ts";
import type { Peer } from "./peer.ts";
import type { ConnectedSocket, ReceiveText, SocketFactory } from "./socket.ts";

interface ProbeDeps {
  sockets: SocketFactory;
  counters: SnmpCounters;
  receive: ReceiveText;
  refused: () => void;
  ended: () => void;
}

/** A socket connected to one agent for the rest of one exchange. */
export class Probe {
  readonly #deps: ProbeDeps;
  #socket: ConnectedSocket | undefined;
  #ended = false;

  constructor(deps: ProbeDeps) {
    this.#deps = deps;
  }

  async send(bytes: Uint8Array, peer: Peer): Promise<void> {
    const { sockets, counters, receive } = this.#deps;
    const socket = await sockets.connect(peer, {
      receive,
      refused: () => {
        if (!this.#ended) this.#deps.refused();
      },
    });
    if (this.#ended) return socket.close();
    this.#socket = socket;
    counters.sent += 1;
    socket.send(bytes);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket?.close();
    this.#deps.ended();
  }
}

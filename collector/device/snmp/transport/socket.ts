import { type BatchDeps, BatchSocket } from "./batch-socket.ts";
import type { Peer } from "./peer.ts";
import { tuneSocket } from "./tune.ts";

export type ReceiveText = (bytes: Uint8Array, port: number, address: string) => void;

export interface SharedSocket {
  /** Flat triples of datagram, port, address. Returns how many datagrams the kernel took. */
  sendMany(packets: readonly (Uint8Array | number | string)[]): number;
  readonly receiveBufferBytes: number;
  close(): void;
}

export interface ConnectedSocket {
  send(bytes: Uint8Array): boolean;
  close(): void;
}

/** How the engine gets its sockets. */
export interface SocketFactory {
  /** The quick kind of shared socket, where there is one; otherwise `openShared` is called. */
  openBatch?(family: Peer["family"], deps: BatchDeps): BatchSocket | undefined;
  openShared(family: Peer["family"], receive: ReceiveText): Promise<SharedSocket>;
  /** A socket for one agent alone: the only kind on which the kernel says "refused" of a known address. */
  connect(peer: Peer, on: { receive: ReceiveText; refused: () => void }): Promise<ConnectedSocket>;
}

export const systemSockets: SocketFactory = {
  openBatch: (family, deps) => BatchSocket.open(family, deps),

  async openShared(family, receive) {
    const socket = await Bun.udpSocket({
      hostname: family === "ipv4" ? "0.0.0.0" : "::",
      port: 0,
      // An error here is an ICMP answer to an earlier datagram: tuning silences it, and Outbox resumes where it does not.
      socket: { data: (_, bytes, port, address) => receive(bytes, port, address), error: () => undefined },
    });
    const receiveBufferBytes = tuneSocket(socket, family);
    return {
      sendMany: (packets) => socket.sendMany(packets),
      receiveBufferBytes,
      close: () => socket.close(),
    };
  },

  async connect(peer, on) {
    const socket = await Bun.udpSocket({
      connect: { hostname: peer.address, port: peer.port },
      socket: {
        data: (_, bytes) => on.receive(bytes, peer.port, peer.address),
        error: () => on.refused(),
      },
    });
    return { send: (bytes) => socket.send(bytes), close: () => socket.close() };
  },
};

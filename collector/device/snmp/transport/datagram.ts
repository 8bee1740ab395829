import type { Peer } from "./peer.ts";

/** One datagram that came in. The object is reused: it holds only during the call that brings it. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The bytes are written over by what comes next. */
  readonly isPassing: boolean;
  isFrom(peer: Peer): boolean;
}

export type Receive = (datagram: Datagram) => void;

/** A datagram in bytes of its own, from a sender in words. */
export class OwnDatagram implements Datagram {
  readonly bytes: Uint8Array;
  readonly start = 0;
  readonly end: number;
  readonly isPassing = false;
  readonly #port: number;
  readonly #address: string;

  constructor(bytes: Uint8Array, port: number, address: string) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.#port = port;
    this.#address = address;
  }

  isFrom(peer: Peer): boolean {
    return peer.port === this.#port && peer.address === this.#address;
  }
}

import { ptr } from "bun:ffi";

/** Words of a struct mmsghdr and of the parts used here: name, its length, vector, its length, and the bytes moved. */
const HEADER_WORDS64 = 8;
const HEADER_WORDS32 = HEADER_WORDS64 * 2;
const MOVED_AT = 14;
const VECTOR_WORDS32 = 4;
const LENGTH_AT = 2;
const NAME_WORDS = 8;
const IPV4_WORDS = 4;
const IPV6_END = 6;
/** Slots of a round size would fall on the same lines of the processor's cache. */
const SKEW_BYTES = 1_600;

/** A datagram to send: the bytes from `at` to the end. */
export interface Message {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** Room for some datagrams and their addresses, laid out as recvmmsg and sendmmsg want it. */
export class MessageTable {
  readonly bytes: Uint8Array;
  readonly slots: number;
  readonly slotBytes: number;
  /** For the C library: where the headers are. */
  readonly pointer: ReturnType<typeof ptr>;
  /** The address of slot i begins at word i * 8. */
  readonly names: Int32Array;
  readonly #headers32: Uint32Array;
  readonly #vectors32: Uint32Array;

  constructor(shape: { slots: number; bytesMax: number; nameBytes: number }) {
    const { slots, bytesMax, nameBytes } = shape;
    this.slots = slots;
    this.slotBytes = bytesMax + SKEW_BYTES;
    this.bytes = new Uint8Array(slots * this.slotBytes);
    this.names = new Int32Array(slots * NAME_WORDS);
    const vectors = new BigUint64Array(slots * 2);
    this.#vectors32 = new Uint32Array(vectors.buffer);
    const headers = new BigUint64Array(slots * HEADER_WORDS64);
    this.#headers32 = new Uint32Array(headers.buffer);
    const [bytesAt, namesAt, vectorsAt] = [this.bytes, this.names, vectors].map((array) => BigInt(ptr(array)));
    for (let slot = 0; slot < slots; slot++) {
      vectors[slot * 2] = (bytesAt as bigint) + BigInt(slot * this.slotBytes);
      vectors[slot * 2 + 1] = BigInt(bytesMax);
      const header = slot * HEADER_WORDS64;
      headers[header] = (namesAt as bigint) + BigInt(slot * NAME_WORDS * 4);
      headers[header + 1] = BigInt(nameBytes);
      headers[header + 2] = (vectorsAt as bigint) + BigInt(slot * 16);
      headers[header + 3] = 1n;
    }
    this.pointer = ptr(headers);
  }

  /** How many bytes the kernel put into a slot. */
  received(slot: number): number {
    return this.#headers32[slot * HEADER_WORDS32 + MOVED_AT] as number;
  }

  /** Whether the datagram in a slot is from this address: an IPv4 one is two words, an IPv6 one has its scope besides. */
  isNamed(slot: number, name: Int32Array): boolean {
    const at = slot * NAME_WORDS;
    if (this.names[at] !== name[0]) return false;
    if (name.length === IPV4_WORDS) return this.names[at + 1] === name[1];
    for (let i = 2; i < IPV6_END; i++) if (this.names[at + i] !== name[i]) return false;
    return true;
  }

  /** Puts a datagram into a slot to be sent. */
  put(slot: number, message: Message, name: Int32Array): void {
    const { bytes, at } = message;
    const length = bytes.length - at;
    const to = slot * this.slotBytes;
    for (let i = 0; i < length; i++) this.bytes[to + i] = bytes[at + i] as number;
    for (let i = 0; i < name.length; i++) this.names[slot * NAME_WORDS + i] = name[i] as number;
    this.#vectors32[slot * VECTOR_WORDS32 + LENGTH_AT] = length;
  }

  /** Moves the slots from `from` to `end` to the front: the first ones are sent. */
  shift(from: number, end: number): void {
    for (let slot = from; slot < end; slot++) {
      const to = slot - from;
      this.bytes.copyWithin(to * this.slotBytes, slot * this.slotBytes, (slot + 1) * this.slotBytes);
      this.names.copyWithin(to * NAME_WORDS, slot * NAME_WORDS, (slot + 1) * NAME_WORDS);
      this.#vectors32[to * VECTOR_WORDS32 + LENGTH_AT] = this.#vectors32[slot * VECTOR_WORDS32 + LENGTH_AT] as number;
    }
  }
}

import { TAG } from "./tag.ts";

/** Room in front of the bindings for every header of an SNMPv3 message. */
const HEADROOM = 2_048;
const BODY_BYTES_MAX = 65_507;
/** The binding that shows a message to be too big is written before it is judged. */
const OVERRUN_BYTES = 66_560;

/** Up to here a loop is quicker than the native copy, whose call costs more than its work. */
const LOOP_COPY_BYTES_MAX = 48;

/**
 * A message under construction: bindings grow forward from the middle, headers are put in front of them. One frame
 * serves a whole process, since a message is finished before the next begins; `message()` is valid until `reset()`.
 */
export class Frame {
  readonly bytes = new Uint8Array(HEADROOM + BODY_BYTES_MAX + OVERRUN_BYTES);
  head = HEADROOM;
  tail = HEADROOM;

  reset(): void {
    this.head = HEADROOM;
    this.tail = HEADROOM;
  }

  get size(): number {
    return this.tail - this.head;
  }

  message(): Uint8Array {
    return this.bytes.subarray(this.head, this.tail);
  }

  /** Replaces everything so far by these bytes (the encrypted form of what was here). */
  replace(content: Uint8Array): void {
    this.reset();
    this.append(content);
  }

  append(content: Uint8Array): void {
    const { length } = content;
    if (length > LOOP_COPY_BYTES_MAX) this.bytes.set(content, this.tail);
    else for (let i = 0; i < length; i += 1) this.bytes[this.tail + i] = content[i] ?? 0;
    this.tail += length;
  }

  appendByte(byte: number): void {
    this.bytes[this.tail] = byte;
    this.tail += 1;
  }

  appendHeader(tag: number, length: number): void {
    this.appendByte(tag);
    if (length < 0x80) {
      this.appendByte(length);
      return;
    }
    const count = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 3;
    this.appendByte(0x80 | count);
    for (let shift = (count - 1) * 8; shift >= 0; shift -= 8) this.appendByte((length >>> shift) & 0xff);
  }

  /** A whole number of any SNMP type, up to 2^53; unsigned types get their leading zero by themselves. */
  appendNumber(tag: number, value: number): void {
    let size = 1;
    for (let limit = 128; size < 8 && (value >= limit || value < -limit); limit *= 256) size += 1;
    this.appendByte(tag);
    this.appendByte(size);
    const high = Math.floor(value / 0x1_0000_0000);
    for (let shift = (size - 5) * 8; shift >= 0; shift -= 8) this.appendByte((high >> shift) & 0xff);
    for (let shift = (Math.min(size, 4) - 1) * 8; shift >= 0; shift -= 8) this.appendByte((value >>> shift) & 0xff);
  }

  appendBigint(tag: number, value: bigint): void {
    const digits = value.toString(16);
    const content = Uint8Array.fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
    const padded = ((content[0] ?? 0) & 0x80) !== 0;
    this.appendHeader(tag, content.length + (padded ? 1 : 0));
    if (padded) this.appendByte(0);
    this.append(content);
  }

  prepend(content: Uint8Array): void {
    this.head -= content.length;
    this.bytes.set(content, this.head);
  }

  prependByte(byte: number): void {
    this.head -= 1;
    this.bytes[this.head] = byte;
  }

  /** Puts tag and length in front of everything between head and `end`. */
  wrap(tag: number, end = this.tail): void {
    let length = end - this.head;
    if (length < 0x80) this.prependByte(length);
    else {
      let count = 0;
      for (; length > 0; length = Math.floor(length / 256)) {
        this.prependByte(length & 0xff);
        count += 1;
      }
      this.prependByte(0x80 | count);
    }
    this.prependByte(tag);
  }

  prependInteger(value: number): void {
    const end = this.head;
    let rest = value;
    do {
      this.prependByte(rest & 0xff);
      rest >>= 8;
    } while (rest !== 0 && rest !== -1);
    const sign = ((this.bytes[this.head] ?? 0) & 0x80) !== 0;
    if (sign !== value < 0) this.prependByte(value < 0 ? 0xff : 0);
    this.wrap(TAG.integer, end);
  }

  prependOctets(content: Uint8Array): void {
    const end = this.head;
    this.prepend(content);
    this.wrap(TAG.octets, end);
  }
}

import { Tag } from "./ber.ts";

/** Largest request we send: larger ones fragment and die in firewalls. */
export const REQUEST_BYTES_MAX = 1_400;
export const REQUEST_ROOM_BYTES = 8_192;
const NO_BYTES = new Uint8Array(0);

/** Writes BER from the back to the front, so that every length is known when its header is written. */
export class Writer {
  readonly bytes: Uint8Array;
  /** The first byte written so far. */
  at: number;

  constructor(roomBytes: number) {
    this.bytes = new Uint8Array(roomBytes);
    this.at = roomBytes;
  }

  reset(): void {
    this.at = this.bytes.length;
  }

  raw(bytes: Uint8Array): void {
    this.#claim(bytes.length);
    this.bytes.set(bytes, this.at);
  }

  byte(value: number): void {
    this.#claim(1);
    this.bytes[this.at] = value;
  }

  /** Puts tag and length before everything written since `end`. */
  wrap(tag: number, end: number): void {
    const length = end - this.at;
    if (length < 0x80) this.byte(length);
    else if (length < 0x100) {
      this.byte(length);
      this.byte(0x81);
    } else {
      this.byte(length & 0xff);
      this.byte(length >> 8);
      this.byte(0x82);
    }
    this.byte(tag);
  }

  octets(bytes: Uint8Array): void {
    const end = this.at;
    this.raw(bytes);
    this.wrap(Tag.OctetString, end);
  }

  /** A signed 32-bit INTEGER in its shortest form. */
  integer(value: number): void {
    const end = this.at;
    let rest = value;
    let last = value & 0xff;
    this.byte(last);
    rest >>= 8;
    while (!((rest === 0 && last < 0x80) || (rest === -1 && last >= 0x80))) {
      last = rest & 0xff;
      this.byte(last);
      rest >>= 8;
    }
    this.wrap(Tag.Integer, end);
  }

  /** A varbind with NULL as its value, as requests carry them; bytes[start, end) is the OID's content. */
  question(bytes: Uint8Array, start: number, end: number): void {
    this.questionOf(NO_BYTES, bytes, start, end);
  }

  /** The same of an OID in two parts. */
  questionOf(prefix: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
    const after = this.at;
    this.byte(0);
    this.byte(Tag.Null);
    const oidEnd = this.at;
    this.#claim(end - start);
    for (let i = 0; i < end - start; i++) this.bytes[this.at + i] = bytes[start + i] as number;
    this.#claim(prefix.length);
    for (let i = 0; i < prefix.length; i++) this.bytes[this.at + i] = prefix[i] as number;
    this.wrap(Tag.ObjectId, oidEnd);
    this.wrap(Tag.Sequence, after);
  }

  /** Bytes written so far, without a copy: valid until the next reset. */
  view(): Uint8Array {
    return this.bytes.subarray(this.at);
  }

  #claim(count: number): void {
    if (this.at < count)
      throw new RangeError(
        `a request larger than ${this.bytes.length} bytes was built; at most ${REQUEST_BYTES_MAX} are sent`,
      );
    this.at -= count;
  }
}

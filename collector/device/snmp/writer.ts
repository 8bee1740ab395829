import { Tag } from "./ber.ts";

/** Largest request we send: larger ones fragment and die in firewalls. */
export const REQUEST_BYTES_MAX = 1_400;
export const REQUEST_ROOM_BYTES = 8_192;
/** Of a varbind around its OID, where all lengths take one byte. */
const QUESTION_BYTES = 6;
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
    const { length } = bytes;
    this.#claim(length);
    for (let i = 0; i < length; i++) this.bytes[this.at + i] = bytes[i] as number;
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
    const { length } = prefix;
    const oidLength = length + end - start;
    const after = this.at;
    if (oidLength + QUESTION_BYTES < 0x80) {
      this.#claim(oidLength + QUESTION_BYTES);
      const { bytes: to, at } = this;
      to[at] = Tag.Sequence;
      to[at + 1] = oidLength + QUESTION_BYTES - 2;
      to[at + 2] = Tag.ObjectId;
      to[at + 3] = oidLength;
      for (let i = 0; i < length; i++) to[at + 4 + i] = prefix[i] as number;
      for (let i = start, k = at + 4 + length; i < end; i++, k++) to[k] = bytes[i] as number;
      to[after - 2] = Tag.Null;
      to[after - 1] = 0;
      return;
    }
    this.byte(0);
    this.byte(Tag.Null);
    const oidEnd = this.at;
    this.raw(bytes.subarray(start, end));
    this.raw(prefix);
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

import { Reader, Tag } from "./ber.ts";
import { isValidOid } from "./oid.ts";

// Hot path: a message of 140 Counter64 varbinds decodes in 5 us, without an object per varbind (Bun 1.4.5, 2 shared
// cores). Checked against a plain twin in varbinds.test.ts.

/** More than a 64 KiB datagram can hold of the smallest varbind that an agent sends. */
const VARBINDS_MAX = 8_192;

/** The varbinds of one message, decoded in place. One table serves every message: copy what must outlive the next. */
export class Varbinds {
  bytes: Uint8Array = new Uint8Array(0);
  count = 0;
  readonly oidStart = new Int32Array(VARBINDS_MAX);
  readonly oidEnd = new Int32Array(VARBINDS_MAX);
  readonly tag = new Uint8Array(VARBINDS_MAX);
  readonly valueStart = new Int32Array(VARBINDS_MAX);
  readonly valueEnd = new Int32Array(VARBINDS_MAX);
  /** The low 64 bits of every numeric value, two's complement where it is an INTEGER. */
  readonly high = new Int32Array(VARBINDS_MAX);
  readonly low = new Int32Array(VARBINDS_MAX);

  readonly #reader = new Reader();

  /** Decodes bytes[start, end), the content of a VarBindList. False: malformed, and `count` is 0. */
  decode(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.count = 0;
    let count = 0;
    let at = start;
    while (at < end) {
      if (count === VARBINDS_MAX) return false;
      at = this.#readShort(count, at, end) || this.#readAny(count, at, end);
      if (at === 0) return false;
      count += 1;
    }
    this.count = count;
    return true;
  }

  /** Exact below 2^53. */
  number(row: number): number {
    const high = this.high[row] as number;
    return (this.tag[row] === Tag.Integer ? high : high >>> 0) * 4_294_967_296 + ((this.low[row] as number) >>> 0);
  }

  /** Exact always. */
  big(row: number): bigint {
    const high = this.high[row] as number;
    const low = (this.low[row] as number) >>> 0;
    return (BigInt(this.tag[row] === Tag.Integer ? high : high >>> 0) << 32n) | BigInt(low);
  }

  /** A varbind all of whose lengths take one byte, as nearly all do; returns where the next begins, 0 for any other. */
  #readShort(row: number, at: number, end: number): number {
    const { bytes } = this;
    const stop = at + 2 + (bytes[at + 1] as number);
    const oidStart = at + 4;
    if (bytes[at] !== Tag.Sequence || bytes[at + 2] !== Tag.ObjectId || !(stop - at < 0x82 && stop <= end)) return 0;
    const oidEnd = oidStart + (bytes[at + 3] as number);
    if (!(oidEnd - oidStart < 0x80 && oidEnd + 2 <= stop)) return 0;
    const valueStart = oidEnd + 2;
    if (valueStart + (bytes[oidEnd + 1] as number) !== stop) return 0;
    let seen = 0;
    for (let i = oidStart; i < oidEnd; i++) seen |= bytes[i] as number;
    if (seen >= 0x80 && !isValidOid(bytes, oidStart, oidEnd)) return 0;
    this.oidStart[row] = oidStart;
    this.oidEnd[row] = oidEnd;
    return this.#keepValue(row, bytes[oidEnd] as number, valueStart, stop) ? stop : 0;
  }

  #readAny(row: number, at: number, end: number): number {
    const { bytes } = this;
    const reader = this.#reader.open(bytes, at, end);
    if (!reader.expect(Tag.Sequence)) return 0;
    const { stop } = reader;
    reader.enter();
    if (!reader.expect(Tag.ObjectId) || !isValidOid(bytes, reader.start, reader.stop)) return 0;
    this.oidStart[row] = reader.start;
    this.oidEnd[row] = reader.stop;
    if (!reader.next() || reader.at !== stop) return 0;
    return this.#keepValue(row, reader.tag, reader.start, reader.stop) ? stop : 0;
  }

  #keepValue(row: number, tag: number, start: number, stop: number): boolean {
    this.tag[row] = tag;
    this.valueStart[row] = start;
    this.valueEnd[row] = stop;
    this.high[row] = 0;
    this.low[row] = 0;
    switch (tag) {
      case Tag.Integer:
      case Tag.Counter32:
      case Tag.Gauge32:
      case Tag.TimeTicks:
      case Tag.Unsigned32:
      case Tag.Counter64:
        return this.#keepNumber(row, tag, start, stop);
      case Tag.ObjectId:
        return isValidOid(this.bytes, start, stop);
      case Tag.IpAddress:
        return stop - start === 4;
      default:
        return true;
    }
  }

  /** Agents pad, and some send an unsigned value without its leading zero: the low bits are what they mean. */
  #keepNumber(row: number, tag: number, start: number, stop: number): boolean {
    const { bytes } = this;
    const length = stop - start;
    if (length < 1 || length > 9) return false;
    const negative = (bytes[start] as number) >= 0x80;
    let high = negative ? -1 : 0;
    let low = high;
    for (let at = start; at < stop; at++) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | (bytes[at] as number);
    }
    const wide = tag === Tag.Integer || (tag === Tag.Counter64 && length >= 8);
    this.high[row] = wide ? high : tag === Tag.Counter64 && !negative ? high : 0;
    this.low[row] = low;
    return true;
  }
}

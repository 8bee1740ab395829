/** BER tags that SNMP uses. */
export const Tag = {
  Integer: 0x02,
  OctetString: 0x04,
  Null: 0x05,
  ObjectId: 0x06,
  Sequence: 0x30,
  IpAddress: 0x40,
  Counter32: 0x41,
  Gauge32: 0x42,
  TimeTicks: 0x43,
  Opaque: 0x44,
  Counter64: 0x46,
  Unsigned32: 0x47,
  NoSuchObject: 0x80,
  NoSuchInstance: 0x81,
  EndOfMibView: 0x82,
} as const;

export const Pdu = {
  Get: 0xa0,
  GetNext: 0xa1,
  Response: 0xa2,
  TrapV1: 0xa4,
  GetBulk: 0xa5,
  Inform: 0xa6,
  TrapV2: 0xa7,
  Report: 0xa8,
} as const;

const LENGTH_BYTES_MAX = 4;

/** Steps through the elements of bytes[at, end). Nothing throws; a step that does not fit is refused. */
export class Reader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** The element that the last step found: its value is bytes[start, stop). */
  tag = 0;
  start = 0;
  stop = 0;

  open(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    return this;
  }

  next(): boolean {
    const { bytes, end } = this;
    let start = this.at + 2;
    if (start > end) return false;
    const tag = bytes[this.at] as number;
    let length = bytes[this.at + 1] as number;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > LENGTH_BYTES_MAX || start + count > end) return false;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[start + i] as number);
      start += count;
    }
    if (length > end - start) return false;
    this.tag = tag;
    this.start = start;
    this.stop = start + length;
    this.at = this.stop;
    return true;
  }

  /** One step that must find this tag. */
  expect(tag: number): boolean {
    return this.next() && this.tag === tag;
  }

  /** Narrows the reader to the value of the element just found. */
  enter(): void {
    this.at = this.start;
    this.end = this.stop;
  }

  /** One step that must find an INTEGER of at most four bytes; undefined otherwise. */
  integer(): number | undefined {
    if (!this.expect(Tag.Integer)) return undefined;
    const length = this.stop - this.start;
    if (length < 1 || length > 4) return undefined;
    let value = ((this.bytes[this.start] as number) << 24) >> 24;
    for (let at = this.start + 1; at < this.stop; at++) value = (value << 8) | (this.bytes[at] as number);
    return value;
  }
}

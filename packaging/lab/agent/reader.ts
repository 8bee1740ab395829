/** A datagram that is not what X.690 and the SNMP RFCs allow. Caught once, where datagrams arrive. */
export class MalformedMessage extends Error {
  override name = "MalformedMessage";
}

/** Reads BER in place from a window of a datagram. */
export class Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get empty(): boolean {
    return this.at >= this.end;
  }

  peekTag(): number {
    if (this.empty) throw new MalformedMessage(`ends at byte ${this.at}`);
    return this.bytes[this.at] ?? 0;
  }

  /** A reader of the next element's content; this reader moves behind it. */
  element(tag: number): Reader {
    const found = this.peekTag();
    if (found !== tag) throw new MalformedMessage(`tag ${found} at byte ${this.at} where ${tag} is due`);
    this.at += 1;
    const length = this.#length();
    const start = this.at;
    if (length > this.end - start) throw new MalformedMessage(`length ${length} at byte ${start} passes the end`);
    this.at = start + length;
    return new Reader(this.bytes, start, this.at);
  }

  integer(): number {
    const content = this.element(0x02);
    const size = content.end - content.at;
    if (size < 1 || size > 5) throw new MalformedMessage(`integer of ${size} bytes`);
    let value = (content.bytes[content.at] ?? 0) & 0x80 ? -1 : 0;
    for (let at = content.at; at < content.end; at += 1) value = value * 256 + (content.bytes[at] ?? 0);
    return value;
  }

  octets(): Uint8Array {
    return this.element(0x04).content();
  }

  content(): Uint8Array {
    return this.bytes.subarray(this.at, this.end);
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count < 1 || count > 4) throw new MalformedMessage(`length of ${count} bytes`);
    let length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + this.#byte();
    return length;
  }

  #byte(): number {
    if (this.empty) throw new MalformedMessage(`ends at byte ${this.at}`);
    const byte = this.bytes[this.at] ?? 0;
    this.at += 1;
    return byte;
  }
}

/** Strings that come again and again (devices, interfaces, fingerprints) are made once; a slot holds the last one. */
const SLOTS = 2_048;
const INTERNED_LENGTH_MAX = 64;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** A varint of up to seven bytes is below 2^49: exact as a number. Longer ones are for the generated decoder. */
const VARINT_SHIFT_MAX = 2 ** 42;

/** Thrown where the bytes are sound, perhaps, but not of the plain kind that is read here. */
export const ODD = new Error("not the usual wire format");

/** Reads protobuf's wire format by hand, for the hot path alone: no object for a tag, no view for a string. */
export class WireReader {
  readonly #strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #slots = Array.from({ length: SLOTS }, () => "");
  #bytes: Buffer = Buffer.alloc(0);
  pos = 0;

  open(bytes: Buffer): void {
    this.#bytes = bytes;
    this.pos = 0;
  }

  varint(): number {
    let byte = this.#next();
    let value = byte & 0x7f;
    for (let shift = 128; byte > 0x7f; shift *= 128) {
      if (shift > VARINT_SHIFT_MAX) throw ODD;
      byte = this.#next();
      value += (byte & 0x7f) * shift;
    }
    return value;
  }

  /** Where the length-delimited field ends that begins here. */
  end(): number {
    const length = this.varint();
    const end = this.pos + length;
    if (end > this.#bytes.length) throw ODD;
    return end;
  }

  double(): number {
    if (this.pos + 8 > this.#bytes.length) throw ODD;
    const value = this.#bytes.readDoubleLE(this.pos);
    this.pos += 8;
    return value;
  }

  text(): string {
    const end = this.end();
    const from = this.pos;
    this.pos = end;
    const bytes = this.#bytes;
    let any = 0;
    for (let i = from; i < end; i += 1) any |= bytes[i] ?? 0;
    return any > 0x7f ? this.#strict.decode(bytes.subarray(from, end)) : bytes.toString("latin1", from, end);
  }

  /** The same for text that is likely to come again. */
  name(): string {
    const end = this.end();
    const from = this.pos;
    const bytes = this.#bytes;
    this.pos = end;
    let any = 0;
    let hash = FNV_OFFSET;
    for (let i = from; i < end; i += 1) {
      const byte = bytes[i] ?? 0;
      any |= byte;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    if (any > 0x7f) return this.#strict.decode(bytes.subarray(from, end));
    if (end - from > INTERNED_LENGTH_MAX) return bytes.toString("latin1", from, end);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#slots[slot] ?? "";
    if (this.#isAt(known, from, end)) return known;
    const made = bytes.toString("latin1", from, end);
    this.#slots[slot] = made;
    return made;
  }

  #isAt(known: string, from: number, end: number): boolean {
    if (known.length !== end - from) return false;
    for (let i = 0; i < known.length; i += 1) {
      if (known.charCodeAt(i) !== this.#bytes[from + i]) return false;
    }
    return true;
  }

  #next(): number {
    const byte = this.#bytes[this.pos];
    if (byte === undefined) throw ODD;
    this.pos += 1;
    return byte;
  }
}

/** Strings that come again and again (devices, interfaces, fingerprints) are made once; a slot holds the last one. */
const SLOTS = 2_048;
const INTERNED_LENGTH_MAX = 64;
const REPEATED_LENGTH_MAX = 16;
const HASHED_LENGTH = 4;
const PRIME = 0x01000193;
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

  /** Text, of which short ones come again and again. */
  text(): string {
    return this.#string(REPEATED_LENGTH_MAX);
  }

  /** The same for what is likely to come again though it is longer. */
  name(): string {
    return this.#string(INTERNED_LENGTH_MAX);
  }

  #string(internedMax: number): string {
    const end = this.end();
    const from = this.pos;
    const length = end - from;
    this.pos = end;
    if (length === 0) return "";
    if (length > internedMax) return this.#decode(from, end);
    const slot = this.#slotOf(from, end);
    const known = this.#slots[slot] ?? "";
    if (this.#isAt(known, from, end)) return known;
    const made = this.#decode(from, end);
    // Only what has a character for each byte can be found again byte by byte.
    if (made.length === length) this.#slots[slot] = made;
    return made;
  }

  /** What is neither shorter than its bytes nor has a mark for a wrong one is ASCII. */
  #decode(from: number, end: number): string {
    const text = this.#bytes.toString("utf8", from, end);
    if (text.length === end - from && !text.includes("\uFFFD")) return text;
    return this.#strict.decode(this.#bytes.subarray(from, end));
  }

  /** By its length, its first bytes, which differ between names, and its last, which differ between objects. */
  #slotOf(from: number, end: number): number {
    const bytes = this.#bytes;
    let hash = end - from;
    for (let i = Math.min(HASHED_LENGTH, end - from) - 1; i >= 0; i -= 1) {
      hash = Math.imul(hash ^ (bytes[from + i] ?? 0), PRIME);
      hash = Math.imul(hash ^ (bytes[end - 1 - i] ?? 0), PRIME);
    }
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
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

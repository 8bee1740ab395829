/** From this share of a column on, words that changed are packed with the others. */
const CHANGED_SHARE = 0.25;
const CHANGED_MIN = 8;
/** Columns remembered to be shared, and the most bytes of one. */
const KEPT = 4_096;
const KEPT_BYTES_MAX = 8_192;
const TAGS = 256;

/**
 * What is no number in one column of a sheet, row by row. Columns of many devices that say the same are one object, so a
 * change gives another one.
 */
export class Words {
  /** Row i is #bytes[#ends[i - 1], #ends[i]). */
  readonly #bytes: Uint8Array;
  readonly #ends: Int32Array;
  /** Rows that are others by now; only in an object that one sheet alone has. */
  #changed: Map<number, Uint8Array> | undefined;
  /** Texts by row and type of value, once several columns share them: equal bytes may be a text here and an OID there. */
  #texts: Map<number, string> | undefined;

  constructor(bytes: Uint8Array, ends: Int32Array) {
    this.#bytes = bytes;
    this.#ends = ends;
  }

  /** The same object for equal rows, as far as they are remembered. */
  static of(rows: readonly Uint8Array[]): Words {
    const words = packed(rows);
    if (words.#bytes.length > KEPT_BYTES_MAX) return words;
    const slot = words.#hash() % KEPT;
    const known = kept[slot];
    if (!known || !known.#isSame(words)) return (kept[slot] = words);
    known.#texts ??= new Map();
    return known;
  }

  /** Nothing in it will ever change. */
  get isConstant(): boolean {
    return this.#changed === undefined;
  }

  #hash(): number {
    let hash = this.#ends.length;
    for (let i = 0; i < this.#bytes.length; i++) hash = Math.imul(hash ^ (this.#bytes[i] as number), 0x01000193);
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  #isSame(other: Words): boolean {
    return areEqual(this.#bytes, other.#bytes) && areEqual(this.#ends, other.#ends);
  }

  bytes(place: number): Uint8Array {
    return this.#changed?.get(place) ?? this.#bytes.subarray(this.#start(place), this.#ends[place]);
  }

  #start(place: number): number {
    return place === 0 ? 0 : (this.#ends[place - 1] as number);
  }

  /** The text of a row of this type, which `decode` makes of it; made once where several devices have it. */
  text(place: number, tag: number, decode: () => string): string {
    if (!this.#texts || this.#changed) return decode();
    const key = place * TAGS + tag;
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = decode();
      this.#texts.set(key, text);
    }
    return text;
  }

  /** Whether a row is what stands there. */
  equals(place: number, view: DataView, at: number, length: number): boolean {
    const own = this.#changed?.get(place);
    const bytes = own ?? this.#bytes;
    const start = own ? 0 : this.#start(place);
    if ((own ? own.length : (this.#ends[place] as number) - start) !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== view.getUint8(at + i)) return false;
    return true;
  }

  /** With another row at one place: this object where it is one sheet's own. The bytes are copied. */
  with(place: number, bytes: Uint8Array): Words {
    const words = this.#changed ? this : new Words(this.#bytes, this.#ends);
    const changed = (words.#changed ??= new Map());
    changed.set(place, bytes.slice());
    const count = this.#ends.length;
    if (changed.size < Math.max(CHANGED_MIN, count * CHANGED_SHARE)) return words;
    return packed(Array.from({ length: count }, (_, row) => words.bytes(row)));
  }
}

const kept: (Words | undefined)[] = Array.from({ length: KEPT }, () => undefined);

function packed(rows: readonly Uint8Array[]): Words {
  const ends = new Int32Array(rows.length);
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + row.length, 0));
  let end = 0;
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] as Uint8Array;
    bytes.set(row, end);
    end += row.length;
    ends[place] = end;
  }
  return new Words(bytes, ends);
}

function areEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

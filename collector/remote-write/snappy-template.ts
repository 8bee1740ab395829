/**
 * Snappy's block format has neither checksum nor entropy coding: bytes that stand as literals can be changed in place.
 * So what is the same at every poll is compressed once, around holes for what is not, and each poll only fills those in.
 */
const HASH_BITS = 14;
const OFFSET_MAX = 65_535;
const COPY_MIN = 4;
const COPY_MAX = 64;
const SHORT_COPY_MAX = 11;
const SHORT_OFFSET_MAX = 2_047;
const LITERAL_INLINE_MAX = 60;

export interface SnappyTemplate {
  /** Elements of a snappy block, without the length before it. They may follow those of other templates. */
  elements: Uint8Array;
  /** Where each hole begins in `elements`. */
  places: Int32Array;
  uncompressedBytes: number;
}

/** `holes` are starts of `holeBytes` bytes each, ascending, not touching. What stands in them is never copied from or over. */
export function snappyTemplate(bytes: Uint8Array, holes: Int32Array, holeBytes: number): SnappyTemplate {
  const out = new ElementWriter(bytes, holes);
  const table = new Int32Array(1 << HASH_BITS).fill(-1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let literalFrom = 0;
  let at = 0;
  for (const holeAt of [...holes, bytes.length]) {
    while (at + COPY_MIN <= holeAt) {
      const word = view.getUint32(at, true);
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
      const candidate = table[slot] as number;
      table[slot] = at;
      if (candidate < 0 || at - candidate > OFFSET_MAX || view.getUint32(candidate, true) !== word) {
        at += 1;
        continue;
      }
      const length = matchLength(bytes, { candidate, at, end: holeAt, sourceEnd: nextHole(holes, candidate, at) });
      out.literal(literalFrom, at);
      out.copy(at - candidate, length);
      at += length;
      literalFrom = at;
    }
    at = holeAt + holeBytes;
  }
  out.literal(literalFrom, bytes.length);
  return { elements: out.finish(), places: out.places, uncompressedBytes: bytes.length };
}

function matchLength(
  bytes: Uint8Array,
  { candidate, at, end, sourceEnd }: { candidate: number; at: number; end: number; sourceEnd: number },
): number {
  let length = COPY_MIN;
  while (at + length < end && candidate + length < sourceEnd && bytes[at + length] === bytes[candidate + length])
    length += 1;
  return length;
}

/** Start of the first hole after a position; `before` when there is none up to there. */
function nextHole(holes: Int32Array, position: number, before: number): number {
  let low = 0;
  let high = holes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((holes[middle] as number) < position) low = middle + 1;
    else high = middle;
  }
  return Math.min(before, holes[low] ?? before);
}

class ElementWriter {
  readonly places: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly holes: Int32Array;
  private readonly out: Uint8Array;
  private at = 0;
  private holeIndex = 0;

  constructor(bytes: Uint8Array, holes: Int32Array) {
    this.bytes = bytes;
    this.holes = holes;
    this.places = new Int32Array(holes.length);
    this.out = new Uint8Array(32 + bytes.length + Math.ceil(bytes.length / 6));
  }

  literal(from: number, to: number): void {
    const length = to - from;
    if (length === 0) return;
    const last = length - 1;
    if (last < LITERAL_INLINE_MAX) this.push(last << 2);
    else if (last < 256) this.push(60 << 2, last);
    else if (last < 65_536) this.push(61 << 2, last & 255, last >> 8);
    else this.push(62 << 2, last & 255, (last >> 8) & 255, last >> 16);
    this.out.set(this.bytes.subarray(from, to), this.at);
    for (; this.holeIndex < this.holes.length && (this.holes[this.holeIndex] as number) < to; this.holeIndex += 1)
      this.places[this.holeIndex] = this.at + (this.holes[this.holeIndex] as number) - from;
    this.at += length;
  }

  copy(offset: number, length: number): void {
    let rest = length;
    while (rest > 0) {
      // What is left must still be long enough for a copy of its own.
      const part = rest <= COPY_MAX ? rest : Math.min(COPY_MAX, rest - COPY_MIN);
      if (part <= SHORT_COPY_MAX && part >= COPY_MIN && offset <= SHORT_OFFSET_MAX)
        this.push(1 | ((part - COPY_MIN) << 2) | ((offset >> 8) << 5), offset & 255);
      else this.push(2 | ((part - 1) << 2), offset & 255, offset >> 8);
      rest -= part;
    }
  }

  finish(): Uint8Array {
    return this.out.slice(0, this.at);
  }

  private push(...values: number[]): void {
    for (const value of values) {
      this.out[this.at] = value;
      this.at += 1;
    }
  }
}

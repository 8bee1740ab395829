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
/** Symbols below are bytes; those from here on stand for a byte that is filled in, the first of them for the first such. */
export const FIRST_BLANK = 256;

export interface SnappyTemplate {
  /** Elements of a snappy block, without the length before it. They may follow those of other templates. */
  elements: Uint8Array;
  /** Where each hole begins in `elements`. */
  places: Int32Array;
  /** Where blanks stand in `elements`, in threes: place, number of the first, how many. */
  blanks: Int32Array;
  uncompressedBytes: number;
}

/**
 * `holes` are starts of `holeBytes` symbols each, ascending, not touching. What stands in them is never copied from or
 * over. A blank is only ever copied from the same blank, so that one template serves whatever is filled in.
 */
export function snappyTemplate(symbols: Int32Array, holes: Int32Array, holeBytes: number): SnappyTemplate {
  const out = new ElementWriter(symbols, holes);
  const table = new Int32Array(1 << HASH_BITS).fill(-1);
  let literalFrom = 0;
  let at = 0;
  for (const holeAt of [...holes, symbols.length]) {
    while (at + COPY_MIN <= holeAt) {
      const slot = slotOf(symbols, at);
      const candidate = table[slot] as number;
      table[slot] = at;
      if (candidate < 0 || at - candidate > OFFSET_MAX || !areFourAlike(symbols, candidate, at)) {
        at += 1;
        continue;
      }
      const length = matchLength(symbols, { candidate, at, end: holeAt, sourceEnd: nextHole(holes, candidate, at) });
      out.literal(literalFrom, at);
      out.copy(at - candidate, length);
      at += length;
      literalFrom = at;
    }
    at = holeAt + holeBytes;
  }
  out.literal(literalFrom, symbols.length);
  const { elements, blanks } = out.finish();
  return { elements, places: out.places, blanks, uncompressedBytes: symbols.length };
}

function slotOf(symbols: Int32Array, at: number): number {
  let hash = symbols[at] as number;
  for (let i = 1; i < COPY_MIN; i++) hash = Math.imul(hash, 0x01000193) ^ (symbols[at + i] as number);
  return Math.imul(hash, 0x1e35a7bd) >>> (32 - HASH_BITS);
}

function areFourAlike(symbols: Int32Array, a: number, b: number): boolean {
  for (let i = 0; i < COPY_MIN; i++) if (symbols[a + i] !== symbols[b + i]) return false;
  return true;
}

function matchLength(
  symbols: Int32Array,
  { candidate, at, end, sourceEnd }: { candidate: number; at: number; end: number; sourceEnd: number },
): number {
  let length = COPY_MIN;
  while (at + length < end && candidate + length < sourceEnd && symbols[at + length] === symbols[candidate + length])
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
  private readonly symbols: Int32Array;
  private readonly holes: Int32Array;
  private readonly out: Uint8Array;
  private readonly blanks: number[] = [];
  private at = 0;
  private holeIndex = 0;

  constructor(symbols: Int32Array, holes: Int32Array) {
    this.symbols = symbols;
    this.holes = holes;
    this.places = new Int32Array(holes.length);
    this.out = new Uint8Array(32 + symbols.length + Math.ceil(symbols.length / 6));
  }

  literal(from: number, to: number): void {
    const length = to - from;
    if (length === 0) return;
    const last = length - 1;
    if (last < LITERAL_INLINE_MAX) this.push(last << 2);
    else if (last < 256) this.push(60 << 2, last);
    else if (last < 65_536) this.push(61 << 2, last & 255, last >> 8);
    else this.push(62 << 2, last & 255, (last >> 8) & 255, last >> 16);
    for (let i = 0; i < length; i++) this.put(this.at + i, this.symbols[from + i] as number);
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

  finish(): { elements: Uint8Array; blanks: Int32Array } {
    return { elements: this.out.slice(0, this.at), blanks: Int32Array.from(this.blanks) };
  }

  private put(place: number, symbol: number): void {
    if (symbol < FIRST_BLANK) {
      this.out[place] = symbol;
      return;
    }
    const { blanks } = this;
    const number = symbol - FIRST_BLANK;
    const [lastPlace = -1, lastNumber = 0, lastCount = 0] = blanks.slice(-3);
    if (place === lastPlace + lastCount && number === lastNumber + lastCount) blanks[blanks.length - 1] = lastCount + 1;
    else blanks.push(place, number, 1);
  }

  private push(...values: number[]): void {
    for (const value of values) {
      this.out[this.at] = value;
      this.at += 1;
    }
  }
}

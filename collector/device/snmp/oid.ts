/** An object identifier, encoded once: `bytes` is its BER content without tag and length. */
export interface Oid {
  readonly text: string;
  readonly bytes: Uint8Array;
}

const SUB_IDENTIFIERS_MAX = 128;
const SUB_IDENTIFIER_MAX = 0xffff_ffff;

/** Parses dotted text. Throws on anything else: OIDs in text come from our own profiles, never from the wire. */
export function oid(text: string): Oid {
  const parts = text.split(".").map(Number);
  const [first = -1, second = -1] = parts;
  const fits = parts.every((part) => Number.isInteger(part) && part >= 0 && part <= SUB_IDENTIFIER_MAX);
  if (!fits || parts.length < 2 || parts.length > SUB_IDENTIFIERS_MAX || first > 2 || (first < 2 && second > 39))
    throw new Error(`"${text}" is not an object identifier: 2 to ${SUB_IDENTIFIERS_MAX} numbers joined by dots`);
  const bytes: number[] = [];
  appendSubIdentifier(bytes, first * 40 + second);
  for (const part of parts.slice(2)) appendSubIdentifier(bytes, part);
  return { text, bytes: Uint8Array.from(bytes) };
}

function appendSubIdentifier(bytes: number[], value: number): void {
  const groups = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) groups.push((rest % 128) | 0x80);
  bytes.push(...groups.toReversed());
}

/** The sub-identifiers of bytes[start, end) as they stand, without the split of the first one. */
export function subIdentifiers(bytes: Uint8Array, start: number, end: number): number[] {
  const parts: number[] = [];
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  return parts;
}

/** Dotted text of a whole OID. */
export function formatOid(bytes: Uint8Array, start: number, end: number): string {
  const [head, ...rest] = subIdentifiers(bytes, start, end);
  if (head === undefined) return "";
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...rest].join(".");
}

/** Checks content from the wire: every sub-identifier minimal and below 2^32, the last one complete. */
export function isValidOid(bytes: Uint8Array, start: number, end: number): boolean {
  let groups = 0;
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (groups === 0 && byte === 0x80) return false;
    groups += 1;
    value = value * 128 + (byte & 0x7f);
    if (value > SUB_IDENTIFIER_MAX) return false;
    if (byte < 0x80) {
      groups = 0;
      value = 0;
    }
  }
  return groups === 0;
}

/**
 * Order of two valid OIDs: negative, zero or positive. Bytes alone do not order (16383 is ff7f, 16384 is 818000), so the
 * first difference is compared as the sub-identifier it lies in.
 */
export function compareOids(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    if (a[aStart + i] === b[bStart + i]) continue;
    let from = i;
    while (from > 0 && (a[aStart + from - 1] as number) >= 0x80) from -= 1;
    return subIdentifierAt(a, aStart + from, aEnd) - subIdentifierAt(b, bStart + from, bEnd);
  }
  return aEnd - aStart - (bEnd - bStart);
}

function subIdentifierAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return value;
}

/** Whether bytes[start, end) lies below the prefix (and is not the prefix itself). */
export function isBelow(prefix: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = prefix.length;
  if (end - start <= length) return false;
  // From the back: siblings differ in their last byte.
  for (let i = length - 1; i >= 0; i--) if (prefix[i] !== bytes[start + i]) return false;
  return true;
}

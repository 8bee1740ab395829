/**
 * An OID as a string whose code-unit order is OID order, so that `<` finds the next object and a Map finds the exact one.
 * Sub-identifiers below 0xF000 are one code unit; larger ones are three, the first of which is 0xF000 or above.
 */
export type OidKey = string;

const WIDE = 0xf000;
const SUBIDENTIFIERS_MAX = 128;

export function parseOid(text: string): number[] {
  const parts = text
    .replace(/^\./, "")
    .split(".")
    .map((part) => (/^\d{1,10}$/.test(part) ? Number(part) : Number.NaN));
  if (!isOid(parts)) throw new RangeError(`"${text.slice(0, 80)}" is not an OID: dotted numbers such as 1.3.6.1`);
  return parts;
}

/** Whether these numbers can be an OID on the wire: at least two, within X.690's bounds for the first two. */
export function isOid(parts: readonly number[]): boolean {
  const [first = Number.NaN, second = Number.NaN] = parts;
  if (!(first <= 2 && (first === 2 || second < 40))) return false;
  return parts.length <= SUBIDENTIFIERS_MAX && parts.every((part) => part >= 0 && part <= 0xffff_ffff);
}

export function keyOf(parts: readonly number[]): OidKey {
  let key = "";
  for (const part of parts) key += unitsOf(part);
  return key;
}

function unitsOf(part: number): string {
  if (part < WIDE) return String.fromCharCode(part);
  return String.fromCharCode(WIDE + (part >>> 28), (part >>> 14) & 0x3fff, part & 0x3fff);
}

const units: number[] = [];

/** The key of BER-encoded OID content, or undefined when it is no OID. */
export function keyOfContent(bytes: Uint8Array, start: number, end: number): OidKey | undefined {
  if (start >= end || end - start > SUBIDENTIFIERS_MAX * 5) return undefined;
  units.length = 0;
  let part = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    part = part * 128 + (byte & 0x7f);
    if (part > 0xffff_ffff) return undefined;
    if (byte & 0x80) continue;
    if (units.length === 0) {
      const arc = Math.min(Math.floor(part / 40), 2);
      units.push(arc);
      part -= arc * 40;
    }
    if (part < WIDE) units.push(part);
    else units.push(WIDE + (part >>> 28), (part >>> 14) & 0x3fff, part & 0x3fff);
    part = 0;
  }
  return (bytes[end - 1] ?? 0x80) & 0x80 ? undefined : String.fromCharCode(...units);
}

/** BER content (without tag and length). */
export function encodeOid(parts: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  const [first = 0, second = 0, ...rest] = parts;
  for (const part of [first * 40 + second, ...rest]) {
    for (let shift = 28; shift > 0; shift -= 7) {
      const high = Math.floor(part / 2 ** shift);
      if (high > 0) bytes.push((high & 0x7f) | 0x80);
    }
    bytes.push(part & 0x7f);
  }
  return Uint8Array.from(bytes);
}

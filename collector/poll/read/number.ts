import type { Value } from "../polled.ts";

/** A number, and behind it at most a unit: "41.5", "23 C", "70%". */
const NUMBER = /^([-+]?\d{1,15}(?:\.\d{1,15})?)[^\d.,:/-]{0,12}$/;
/** What net-snmp wraps into an Opaque: tag of a float or a double, its length, its bytes. */
const OPAQUE = 0x9f;
const FLOAT = 0x78;
const DOUBLE = 0x79;

/** What a value counts. Agents also write numbers as text, or as a float inside an Opaque. NaN when it is none. */
export function numberOf(value: Value | undefined): number {
  if (!value) return Number.NaN;
  if (!Number.isNaN(value.number)) return value.number;
  const { bytes } = value;
  if (bytes[0] === OPAQUE) return floatOf(bytes);
  return Number(NUMBER.exec(value.text)?.[1] ?? Number.NaN);
}

function floatOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[1] === FLOAT && bytes[2] === 4 && bytes.length >= 7) return view.getFloat32(3);
  return bytes[1] === DOUBLE && bytes[2] === 8 && bytes.length >= 11 ? view.getFloat64(3) : Number.NaN;
}

/** A tenth of 3 is 0.3: divided by a whole number where that is meant, for a product with 0.1 is a little beside it. */
export function scaled(number: number, scale: number): number {
  const parts = Math.round(1 / scale);
  return Math.abs(scale) < 1 && Math.abs(parts * scale - 1) < 1e-9 ? number / parts : number * scale;
}

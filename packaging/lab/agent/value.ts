import type { Frame } from "./frame.ts";
import { encodeOid, parseOid } from "./oid.ts";
import { TAG } from "./tag.ts";

/** What an object holds: bytes fixed when the MIB was built, or a number read when someone asks. */
export type Value = FixedValue | LiveValue;

export interface FixedValue {
  kind: "fixed";
  tag: number;
  /** Tag, length and content. */
  encoded: Uint8Array;
}

export interface LiveValue {
  kind: "live";
  tag: number;
  read: (nowMs: number) => number | bigint;
}

type NumberSource = number | bigint | ((nowMs: number) => number | bigint);

const encoder = new TextEncoder();

export const integer = (source: NumberSource): Value => numeric(TAG.integer, source);
export const counter32 = (source: NumberSource): Value => numeric(TAG.counter32, source);
export const gauge32 = (source: NumberSource): Value => numeric(TAG.gauge32, source);
export const timeTicks = (source: NumberSource): Value => numeric(TAG.timeTicks, source);
export const counter64 = (source: NumberSource): Value => numeric(TAG.counter64, source);

export function octets(content: string | Uint8Array): FixedValue {
  return fixed(TAG.octets, typeof content === "string" ? encoder.encode(content) : content);
}

export function objectId(oid: string | readonly number[]): FixedValue {
  return fixed(TAG.oid, encodeOid(typeof oid === "string" ? parseOid(oid) : oid));
}

export function ipAddress(address: string): FixedValue {
  return fixed(TAG.ipAddress, Uint8Array.from(address.split(".").map(Number)));
}

export function fixed(tag: number, content: Uint8Array): FixedValue {
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >>> 8, size & 0xff];
  const encoded = new Uint8Array(1 + length.length + size);
  encoded[0] = tag;
  encoded.set(length, 1);
  encoded.set(content, 1 + length.length);
  return { kind: "fixed", tag, encoded };
}

export function numeric(tag: number, source: NumberSource): Value {
  if (typeof source === "function") return { kind: "live", tag, read: source };
  return fixed(tag, numberContent(BigInt(source)));
}

/** Two's complement, as short as it goes. */
function numberContent(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(Number(rest & 0xffn));
    rest >>= 8n;
  } while (rest !== 0n && rest !== -1n);
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  if (negative !== value < 0n) bytes.unshift(value < 0n ? 0xff : 0);
  return Uint8Array.from(bytes);
}

/** Writes the value as it is at `nowMs`, in the range of its type: 32-bit types wrap or stop as SMIv2 says. */
export function appendValue(frame: Frame, value: Value, nowMs: number): void {
  if (value.kind === "fixed") {
    frame.append(value.encoded);
    return;
  }
  const read = value.read(nowMs);
  if (typeof read === "bigint") {
    frame.appendBigint(value.tag, BigInt.asUintN(value.tag === TAG.counter64 ? 64 : 32, read));
    return;
  }
  frame.appendNumber(value.tag, inRange(value.tag, read));
}

function inRange(tag: number, read: number): number {
  if (tag === TAG.integer) return Math.round(read);
  const whole = Math.max(0, Math.floor(read));
  if (tag === TAG.counter32 || tag === TAG.timeTicks) return whole % 0x1_0000_0000;
  return tag === TAG.gauge32 ? Math.min(whole, 0xffff_ffff) : whole;
}

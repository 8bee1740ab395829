import { isIP } from "node:net";

export const RANGES_MAX = 64;
export const ADDRESSES_MAX = 65_536;
const RANGE_CHARS_MAX = 100;

/** Addresses of one family, both ends included. */
export interface Range {
  family: 4 | 6;
  first: bigint;
  last: bigint;
}

export type ParsedRange = { kind: "range"; range: Range } | { kind: "bad"; reason: string };

const BITS = { 4: 32, 6: 128 } as const;

/** `10.0.0.0/24`, `10.0.0.1-10.0.0.9` or one address. Of an IPv4 block its network and broadcast address are left out. */
export function parseRange(text: string): ParsedRange {
  const bad = (why: string): ParsedRange => ({ kind: "bad", reason: `"${text.slice(0, RANGE_CHARS_MAX)}" ${why}` });
  const [start = "", end, more] = text.trim().split("-");
  if (text.length > RANGE_CHARS_MAX || more !== undefined) return bad(FORMS);
  if (end !== undefined) {
    const first = addressOf(start.trim());
    const last = addressOf(end.trim());
    if (!first || !last || first.family !== last.family) return bad(FORMS);
    if (first.value > last.value) return bad("ends before it begins");
    return { kind: "range", range: { family: first.family, first: first.value, last: last.value } };
  }
  const [base = "", bits, rest] = start.split("/");
  const address = addressOf(base);
  if (!address || rest !== undefined) return bad(FORMS);
  if (bits === undefined)
    return { kind: "range", range: { family: address.family, first: address.value, last: address.value } };
  const length = Number(bits);
  if (!/^\d{1,3}$/.test(bits) || length > BITS[address.family]) return bad(FORMS);
  return { kind: "range", range: blockOf(address, length) };
}

const FORMS = "is no range: write 192.0.2.0/24, 192.0.2.10-192.0.2.20, or one address";

/** Whole blocks, edges included: what may be scanned is said in these. */
export function parseBlock(text: string): ParsedRange {
  const parsed = parseRange(text);
  if (parsed.kind === "bad" || !text.includes("/")) return parsed;
  const [base = "", bits = ""] = text.trim().split("/");
  const address = addressOf(base);
  return address ? { kind: "range", range: wholeBlock(address, Number(bits)) } : parsed;
}

function blockOf(address: Address, length: number): Range {
  const block = wholeBlock(address, length);
  const hasEdges = block.family === 4 && length < 31;
  return hasEdges ? { ...block, first: block.first + 1n, last: block.last - 1n } : block;
}

function wholeBlock({ family, value }: Address, length: number): Range {
  const hostBits = BigInt(BITS[family] - length);
  const first = (value >> hostBits) << hostBits;
  return { family, first, last: first + (1n << hostBits) - 1n };
}

export function sizeOf({ first, last }: Range): bigint {
  return last - first + 1n;
}

export function isWithin(inner: Range, outer: Range): boolean {
  return inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;
}

/** Each address once, in order. Bounded by whoever parsed the ranges. */
export function addressesOf(ranges: readonly Range[]): string[] {
  const found = new Set<string>();
  for (const { family, first, last } of ranges)
    for (let value = first; value <= last; value++) found.add(textOf({ family, value }));
  return [...found];
}

interface Address {
  family: 4 | 6;
  value: bigint;
}

export function addressOf(text: string): Address | undefined {
  const family = isIP(text);
  if (family === 4) return { family, value: text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  if (family !== 6 || text.includes("%")) return undefined;
  return { family, value: BigInt(`0x${expand(text)}`) };
}

/** The 32 hex digits of an IPv6 address, an IPv4 tail included. */
function expand(text: string): string {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const v4 = tail && addressOf(tail[2] ?? "");
  const plain = v4 ? `${tail[1]}${(v4.value >> 16n).toString(16)}:${(v4.value & 0xffffn).toString(16)}` : text;
  const [left = "", right = ""] = plain.split("::");
  const head = groupsOf(left);
  const rest = groupsOf(right);
  const zeros = Array.from({ length: 8 - head.length - rest.length }, () => "0");
  return [...head, ...zeros, ...rest].map((group) => group.padStart(4, "0")).join("");
}

function groupsOf(side: string): string[] {
  return side.split(":").filter((group) => group !== "");
}

function textOf({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  const digits = value.toString(16).padStart(32, "0");
  const groups = Array.from({ length: 8 }, (_, i) => digits.slice(i * 4, i * 4 + 4)).join(":");
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

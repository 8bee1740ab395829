import { Tag } from "./ber.ts";
import { formatOid } from "./oid.ts";

const TEXT_BYTES_MAX = 1_024;
const utf8 = new TextDecoder("utf-8");

interface Words {
  tag(cell: number): number;
  big(cell: number): bigint;
  bytes(cell: number): Uint8Array;
}

export function isNumberTag(tag: number): boolean {
  return (
    tag === Tag.Integer ||
    (tag >= Tag.Counter32 && tag <= Tag.TimeTicks) ||
    tag === Tag.Counter64 ||
    tag === Tag.Unsigned32
  );
}

/** Text from a stranger: bounded, control characters and trailing padding gone, broken UTF-8 replaced. */
export function textOf(cells: Words, cell: number): string {
  const tag = cells.tag(cell);
  if (isNumberTag(tag)) return cells.big(cell).toString();
  const bytes = cells.bytes(cell);
  if (tag === Tag.ObjectId) return formatOid(bytes, 0, bytes.length);
  if (tag === Tag.IpAddress) return bytes.join(".");
  return cleanText(utf8.decode(bytes.subarray(0, TEXT_BYTES_MAX)));
}

export function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
}

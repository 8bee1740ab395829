import { isIPv4 } from "node:net";
import { isOid, type Mib, MibBuilder, parseOid, TAG, type Value, value } from "../agent/index.ts";

export interface Recording {
  mib: Mib;
  /** Objects served; fewer than lines when some were malformed or came twice. */
  objects: number;
  malformed: { count: number; examples: string[] };
}

const EXAMPLES_MAX = 5;
const LINES_MAX = 2_000_000;
const OCTETS_MAX = 65_000;

const RANGE: Record<number, readonly [bigint, bigint]> = {
  [TAG.integer]: [-0x8000_0000n, 0x7fff_ffffn],
  [TAG.counter32]: [0n, 0xffff_ffffn],
  [TAG.gauge32]: [0n, 0xffff_ffffn],
  [TAG.timeTicks]: [0n, 0xffff_ffffn],
  [TAG.counter64]: [0n, 0xffff_ffff_ffff_ffffn],
};

/** Reads `OID|type|value` lines; a line that is none is counted and reported, never fatal. */
export function readRecording(text: string): Recording {
  const builder = new MibBuilder();
  const malformed: Recording["malformed"] = { count: 0, examples: [] };
  for (const [at, raw] of text.split("\n", LINES_MAX).entries()) {
    const line = raw.replace(/\r$/, "");
    if (line === "" || line.startsWith("#")) continue;
    const reason = addLine(builder, line);
    if (reason === undefined) continue;
    malformed.count += 1;
    if (malformed.examples.length < EXAMPLES_MAX) malformed.examples.push(`line ${at + 1}: ${reason}`);
  }
  const mib = builder.build();
  return { mib, objects: mib.size, malformed };
}

/** How the value is written: as it is, as hexadecimal octets, or as text with \\xNN escapes. */
type Writing = "" | "x" | "e";

/** Undefined when the line was taken, else why not. */
function addLine(builder: MibBuilder, line: string): string | undefined {
  const [, oidText, type = "", writing = "", content = ""] = /^\.?([\d.]+)\|(\d+)([xe]?)\|(.*)$/s.exec(line) ?? [];
  if (oidText === undefined) return `"${line.slice(0, 60)}" is not OID|type|value`;
  const parts = oidText.split(".").map(Number);
  if (!isOid(parts)) return `${oidText.slice(0, 60)} is no OID of 2 to 128 numbers (it has ${parts.length})`;
  const parsed = valueOf(Number(type), writing as Writing, content);
  if (parsed === undefined) return `${oidText}: "${content.slice(0, 40)}" is no value of type ${type}${writing}`;
  builder.cell(parts.slice(0, -1).join("."), parts.slice(-1), parsed);
  return undefined;
}

function valueOf(tag: number, writing: Writing, content: string): Value | undefined {
  switch (tag) {
    case TAG.octets:
    case TAG.opaque:
      return octetsOf(tag, bytesOf(writing, content));
    case TAG.ipAddress:
      return addressOf(bytesOf(writing, content));
    case TAG.null:
      return value.fixed(TAG.null, new Uint8Array(0));
    case TAG.oid:
      return writing === "" ? objectIdOf(content) : undefined;
    default:
      return writing === "" ? numberOf(tag, content.trim()) : undefined;
  }
}

function bytesOf(writing: Writing, content: string): Uint8Array | undefined {
  switch (writing) {
    case "":
      return new TextEncoder().encode(content);
    case "e":
      return unescaped(content);
    case "x": {
      const digits = content.replaceAll(/\s/g, "");
      return digits.length % 2 === 0 && /^[\da-f]*$/i.test(digits) ? Uint8Array.fromHex(digits) : undefined;
    }
  }
}

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };

function unescaped(content: string): Uint8Array {
  const latin1 = content.replaceAll(/\\(?:x([\da-f]{2})|(.))/gi, (_, hex: string | undefined, plain: string) =>
    hex === undefined ? (ESCAPES[plain] ?? plain) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(latin1, "latin1");
}

function octetsOf(tag: number, bytes: Uint8Array | undefined): Value | undefined {
  return bytes && bytes.length <= OCTETS_MAX ? value.fixed(tag, bytes) : undefined;
}

/** Four octets, or the dotted text of them. */
function addressOf(bytes: Uint8Array | undefined): Value | undefined {
  if (bytes?.length === 4) return value.fixed(TAG.ipAddress, bytes);
  const text = Buffer.from(bytes ?? [])
    .toString("latin1")
    .trim();
  return isIPv4(text) ? value.ipAddress(text) : undefined;
}

function objectIdOf(content: string): Value | undefined {
  const text = content.trim().replace(/^\./, "");
  if (!/^\d{1,10}(\.\d{1,10})+$/.test(text) || !isOid(text.split(".").map(Number))) return undefined;
  return value.objectId(parseOid(text));
}

function numberOf(tag: number, content: string): Value | undefined {
  const range = RANGE[tag];
  if (!range || !/^-?\d{1,20}$/.test(content)) return undefined;
  const number = BigInt(content);
  return number >= range[0] && number <= range[1] ? value.numeric(tag, number) : undefined;
}

import { oid, Tag } from "../../device/snmp/index.ts";

/** One variable of a recording; the value is its content, without tag and length. */
export interface Variable {
  name: number[];
  nameBytes: Uint8Array;
  tag: number;
  value: Uint8Array;
}

export interface Recording {
  /** In the order of their names, each name once. */
  variables: Variable[];
  malformed: { count: number; first: string };
}

const LINES_MAX = 2_000_000;
const VALUE_BYTES_MAX = 8_192;

/** Reads lines of `OID|type|value` (types by number, `x` for hexadecimal); a line that is none is counted. */
export function readRecording(file: Uint8Array): Recording {
  const byName = new Map<string, Variable>();
  const malformed = { count: 0, first: "" };
  // Latin-1: a character is a byte, and strings are whatever bytes a device sent.
  const lines = Buffer.from(file).toString("latin1").split("\n", LINES_MAX);
  for (const [at, line] of lines.entries()) {
    const text = line.trimEnd();
    if (text === "" || text.startsWith("#")) continue;
    const variable = variableOf(text);
    if (variable) byName.set(variable.name.join("."), variable);
    else if (malformed.count++ === 0) malformed.first = `line ${at + 1}: ${text.slice(0, 80)}`;
  }
  return { variables: [...byName.values()].toSorted((a, b) => compareNames(a.name, b.name)), malformed };
}

export function compareNames(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function variableOf(line: string): Variable | undefined {
  const [, name, type, isHex, text = ""] = /^\.?([\d.]+)\|(\d+)(x?)\|(.*)$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const value = contentOf(Number(type), isHex === "x", text);
  const nameBytes = bytesOfOid(name);
  return value && nameBytes && { name: name.split(".").map(Number), nameBytes, tag: Number(type), value };
}

function contentOf(tag: number, isHex: boolean, text: string): Uint8Array | undefined {
  switch (tag) {
    case Tag.Integer:
    case Tag.Counter32:
    case Tag.Gauge32:
    case Tag.TimeTicks:
    case Tag.Counter64:
      return integerContent(text);
    case Tag.ObjectId:
      return bytesOfOid(text.trim().replace(/^\./, ""));
    case Tag.IpAddress:
      return addressContent(isHex ? Buffer.from(text, "hex") : Buffer.from(text.split(".").map(Number)));
    case Tag.OctetString:
    case Tag.Opaque:
      return Buffer.from(text, isHex ? "hex" : "latin1").subarray(0, VALUE_BYTES_MAX);
    case Tag.Null:
      return new Uint8Array(0);
    default:
      return undefined;
  }
}

function addressContent(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === 4 ? bytes : undefined;
}

/** Nine bytes hold every value of 64 bits, signed or not; readers take the padding. */
function integerContent(text: string): Uint8Array | undefined {
  const digits = text.trim();
  if (!/^-?\d{1,20}$/.test(digits)) return undefined;
  const value = BigInt.asIntN(72, BigInt(digits));
  const bytes = Buffer.alloc(9, value < 0n ? 0xff : 0);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value), 1);
  return bytes;
}

function bytesOfOid(text: string): Uint8Array | undefined {
  try {
    return oid(text).bytes;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

import { cleanText, formatOid, Pdu, type Range, Reader, Tag, Varbinds } from "../device/snmp/index.ts";
import type { Binding, Notification } from "./api.ts";

// Hot path: the varbinds stay in the datagram until an event is made of them.

const BINDINGS_MAX = 24;
const VALUE_CHARS_MAX = 200;
const VALUE_BYTES_MAX = 800;
const SNMP_TRAPS = "1.3.6.1.6.3.1.1.5";
const ENTERPRISE_SPECIFIC = 6;
export const TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0";
export const UPTIME_OID = "1.3.6.1.2.1.1.3.0";
export const TRAP_ADDRESS = "1.3.6.1.6.3.18.1.3.0";
const utf8 = new TextDecoder("utf-8");

export type PduOutcome = "notification" | "other-pdu" | "malformed";

/** Reads the PDU of one notification at a time, in place; what it says holds until the next one. */
export class PduReader {
  pduType = 0;
  requestId = 0;
  trapOid = "";
  uptimeTicks = 0;
  agentAddress = "";
  readonly varbinds = new Varbinds();
  readonly #reader = new Reader();

  read(bytes: Uint8Array, range: Range): PduOutcome {
    const reader = this.#reader.open(bytes, range.start, range.end);
    if (!reader.next()) return "malformed";
    this.pduType = reader.tag;
    this.trapOid = "";
    this.uptimeTicks = 0;
    this.agentAddress = "";
    reader.enter();
    switch (this.pduType) {
      case Pdu.TrapV1:
        return this.#readV1(reader) ? "notification" : "malformed";
      case Pdu.TrapV2:
      case Pdu.Inform:
        return this.#readV2(reader) ? "notification" : "malformed";
      default:
        return "other-pdu";
    }
  }

  #readV1(reader: Reader): boolean {
    const { bytes } = reader;
    if (!reader.expect(Tag.ObjectId)) return false;
    const enterprise = formatOid(bytes, reader.start, reader.stop);
    if (!reader.expect(Tag.IpAddress) || reader.stop - reader.start !== 4) return false;
    const address = bytes.subarray(reader.start, reader.stop).join(".");
    const generic = reader.integer();
    const specific = reader.integer();
    if (generic === undefined || generic < 0 || generic > ENTERPRISE_SPECIFIC || specific === undefined) return false;
    if (!reader.expect(Tag.TimeTicks)) return false;
    this.uptimeTicks = unsigned(bytes, reader.start, reader.stop);
    if (!reader.expect(Tag.Sequence) || !this.varbinds.decode(bytes, reader.start, reader.stop)) return false;
    this.agentAddress = address === "0.0.0.0" ? "" : address;
    this.trapOid =
      generic === ENTERPRISE_SPECIFIC ? `${enterprise}.0.${specific >>> 0}` : `${SNMP_TRAPS}.${generic + 1}`;
    return true;
  }

  #readV2(reader: Reader): boolean {
    const requestId = reader.integer();
    if (requestId === undefined || reader.integer() === undefined || reader.integer() === undefined) return false;
    if (!reader.expect(Tag.Sequence) || !this.varbinds.decode(reader.bytes, reader.start, reader.stop)) return false;
    this.requestId = requestId;
    const { varbinds } = this;
    // sysUpTime and snmpTrapOID come first; agents that turn them round are understood too.
    for (let row = 0; row < varbinds.count; row++) {
      if (varbinds.tag[row] === Tag.ObjectId && this.trapOid === "" && this.oid(row) === TRAP_OID)
        this.trapOid = this.value(row);
      else if (varbinds.tag[row] === Tag.TimeTicks && this.uptimeTicks === 0 && this.oid(row) === UPTIME_OID)
        this.uptimeTicks = (varbinds.low[row] as number) >>> 0;
      else if (varbinds.tag[row] === Tag.IpAddress && this.oid(row) === TRAP_ADDRESS)
        this.agentAddress = this.value(row);
    }
    return this.trapOid !== "";
  }

  oid(row: number): string {
    const { varbinds } = this;
    return formatOid(varbinds.bytes, varbinds.oidStart[row] ?? 0, varbinds.oidEnd[row] ?? 0);
  }

  /** Text of any value: bounded, and one line. */
  value(row: number): string {
    const { bytes, tag, valueStart, valueEnd, high, low } = this.varbinds;
    const kind = tag[row] ?? Tag.Null;
    const start = valueStart[row] ?? 0;
    const end = valueEnd[row] ?? 0;
    if (kind === Tag.ObjectId) return formatOid(bytes, start, end);
    if (kind === Tag.IpAddress) return bytes.subarray(start, end).join(".");
    if (kind === Tag.OctetString || kind === Tag.Opaque)
      return octetsText(bytes.subarray(start, Math.min(end, start + VALUE_BYTES_MAX)));
    if (kind === Tag.Null || kind >= Tag.NoSuchObject) return "";
    const top = high[row] ?? 0;
    const bottom = (low[row] ?? 0) >>> 0;
    return ((BigInt(kind === Tag.Integer ? top : top >>> 0) << 32n) | BigInt(bottom)).toString();
  }

  /** Copies what an event needs. */
  notification(version: Notification["version"]): Notification {
    const bindings: Binding[] = [];
    for (let row = 0; row < this.varbinds.count && bindings.length < BINDINGS_MAX; row++) {
      const oid = this.oid(row);
      if (oid !== TRAP_OID && oid !== UPTIME_OID) bindings.push({ oid, value: this.value(row) });
    }
    const { trapOid, uptimeTicks, agentAddress } = this;
    return { version, isInform: this.pduType === Pdu.Inform, trapOid, uptimeTicks, agentAddress, bindings };
  }
}

function unsigned(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = ((value << 8) | (bytes[at] as number)) >>> 0;
  return value;
}

/** Printable text as it is, anything else as hex. */
function octetsText(bytes: Uint8Array): string {
  const trimmed = bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
  const text = utf8.decode(trimmed);
  const isText = !/[\p{Cc}\uFFFD]/u.test(text.replace(/[\t\r\n]/g, ""));
  const shown = isText ? cleanText(text) : Buffer.from(bytes).toString("hex");
  return shown.slice(0, VALUE_CHARS_MAX).toWellFormed();
}

import { Reader, Tag } from "./ber.ts";
import { Varbinds } from "./varbinds.ts";

export const Version = { v1: 0, v2c: 1, v3: 3 } as const;

/** msgFlags of SNMPv3. */
export const Flag = { auth: 1, priv: 2, reportable: 4 } as const;
const USM = 3;

/** A range of the datagram; typed arrays and offsets instead of copies. */
export interface Range {
  start: number;
  end: number;
}

/** One decoded message. The object is reused: what it says holds until the next datagram. */
export class Incoming {
  bytes: Uint8Array = new Uint8Array(0);
  /** The message is bytes[start, end). */
  start = 0;
  end = 0;
  version = -1;
  /** Where the PDU (v1, v2c), the scoped PDU or its ciphertext (v3) lies. */
  readonly data: Range = { start: 0, end: 0 };

  messageId = 0;
  flags = 0;
  engineBoots = 0;
  engineTime = 0;
  readonly engineId: Range = { start: 0, end: 0 };
  readonly user: Range = { start: 0, end: 0 };
  readonly mac: Range = { start: 0, end: 0 };
  readonly salt: Range = { start: 0, end: 0 };

  pduType = 0;
  requestId = 0;
  errorStatus = 0;
  errorIndex = 0;
  /** The varbinds as they came: listBytes[list.start, list.end). */
  listBytes: Uint8Array = this.bytes;
  readonly list: Range & { view: DataView } = { start: 0, end: 0, view: new DataView(this.bytes.buffer) };
  readonly varbinds = new Varbinds();

  readonly #reader = new Reader();

  /** Reads everything up to the PDU. False: not an SNMP message. */
  readHeader(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    const reader = this.#reader.open(bytes, start, end);
    if (!reader.expect(Tag.Sequence)) return false;
    reader.enter();
    const version = reader.integer();
    if (version === undefined) return false;
    this.version = version;
    if (version === Version.v3) return this.#readV3Header(reader);
    if (version !== Version.v1 && version !== Version.v2c) return false;
    if (!reader.expect(Tag.OctetString)) return false;
    this.data.start = reader.at;
    this.data.end = reader.end;
    return true;
  }

  #readV3Header(reader: Reader): boolean {
    const end = reader.end;
    if (!reader.expect(Tag.Sequence)) return false;
    const securityAt = reader.at;
    reader.enter();
    const messageId = reader.integer();
    const sizeMax = reader.integer();
    if (messageId === undefined || sizeMax === undefined) return false;
    if (!reader.expect(Tag.OctetString) || reader.stop - reader.start !== 1) return false;
    this.messageId = messageId;
    this.flags = reader.bytes[reader.start] as number;
    if (reader.integer() !== USM) return false;
    reader.open(this.bytes, securityAt, end);
    if (!reader.expect(Tag.OctetString)) return false;
    this.data.start = reader.at;
    this.data.end = end;
    reader.enter();
    return this.#readSecurity(reader) && this.#findCiphertext(end);
  }

  #readSecurity(reader: Reader): boolean {
    if (!reader.expect(Tag.Sequence)) return false;
    reader.enter();
    if (!reader.expect(Tag.OctetString)) return false;
    keep(this.engineId, reader);
    const boots = reader.integer();
    const time = reader.integer();
    if (boots === undefined || time === undefined || boots < 0 || time < 0) return false;
    this.engineBoots = boots;
    this.engineTime = time;
    if (!reader.expect(Tag.OctetString)) return false;
    keep(this.user, reader);
    if (!reader.expect(Tag.OctetString)) return false;
    keep(this.mac, reader);
    if (!reader.expect(Tag.OctetString)) return false;
    keep(this.salt, reader);
    return true;
  }

  #findCiphertext(end: number): boolean {
    if ((this.flags & Flag.priv) === 0) return true;
    const reader = this.#reader.open(this.bytes, this.data.start, end);
    if (!reader.expect(Tag.OctetString)) return false;
    keep(this.data, reader);
    return true;
  }

  /** Reads a scoped PDU (v3, after decryption): its context is skipped, the PDU inside is read. */
  readScopedPdu(bytes: Uint8Array, range: Range): boolean {
    return this.readScopedHead(bytes, range) && this.readVarbinds();
  }

  readPdu(bytes: Uint8Array, range: Range): boolean {
    return this.readPduHead(bytes, range.start, range.end) && this.readVarbinds();
  }

  /** The same without the varbinds, which `readVarbinds` reads. */
  readScopedHead(bytes: Uint8Array, range: Range): boolean {
    const reader = this.#reader.open(bytes, range.start, range.end);
    if (!reader.expect(Tag.Sequence)) return false;
    reader.enter();
    if (!reader.expect(Tag.OctetString) || !reader.expect(Tag.OctetString)) return false;
    return this.readPduHead(bytes, reader.at, reader.end);
  }

  readPduHead(bytes: Uint8Array, start: number, end: number): boolean {
    const reader = this.#reader.open(bytes, start, end);
    if (!reader.next()) return false;
    this.pduType = reader.tag;
    reader.enter();
    const requestId = reader.integer();
    const errorStatus = reader.integer();
    const errorIndex = reader.integer();
    if (requestId === undefined || errorStatus === undefined || errorIndex === undefined) return false;
    this.requestId = requestId;
    this.errorStatus = errorStatus;
    this.errorIndex = errorIndex;
    if (!reader.expect(Tag.Sequence)) return false;
    this.listBytes = bytes;
    keep(this.list, reader);
    return true;
  }

  /** The list with a view that is good for all bytes. */
  listView(): Range & { view: DataView } {
    const { list, listBytes } = this;
    const { view } = list;
    const isSame = view.buffer === listBytes.buffer && view.byteOffset === listBytes.byteOffset;
    if (!isSame || view.byteLength !== listBytes.length)
      list.view = new DataView(listBytes.buffer, listBytes.byteOffset, listBytes.length);
    return list;
  }

  /** Decodes the varbinds of the PDU whose head was read last. */
  readVarbinds(): boolean {
    return this.varbinds.decode(this.listBytes, this.list.start, this.list.end);
  }
}

function keep(range: Range, reader: Reader): void {
  range.start = reader.start;
  range.end = reader.stop;
}

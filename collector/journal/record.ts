import { crc32c } from "./crc32c.ts";
import type { DiskFile } from "./disk.ts";

/**
 * Every file of spool and outbox is a row of records. Header, little-endian: magic (4) | kind (4) | payload bytes (4) |
 * samples (4) | id (8) | rank (8) | from ms (8) | to ms (8) | CRC32C of the payload (4) | CRC32C of the header so far (4).
 */
export const HEADER_BYTES = 56;
const MAGIC = 0x31505357;
const MAGIC_BYTES = Uint8Array.of(0x57, 0x53, 0x50, 0x31);
const PAYLOAD_BYTES_MAX = 64 * 1_048_576;
const SEARCH_BYTES = 1_048_576;

/** Their order is their number on disk. */
const KINDS = ["raw", "compact", "names", "ledger", "event", "events", "mark"] as const;
export type RecordKind = (typeof KINDS)[number];

export interface RecordMeta {
  kind: RecordKind;
  /** Ascending in the order of writing; never used twice. */
  id: number;
  /** Id of the newest record that went into it; its own for what was never compacted. Newest first goes by this. */
  rank: number;
  samples: number;
  fromMs: number;
  toMs: number;
}

/** Where a record stands. */
export interface Place {
  offset: number;
  /** With its header. */
  bytes: number;
  payloadCrc: number;
}

export interface Found extends RecordMeta, Place {}

/** `end` is where the next record belongs; bytes from there on are no whole record. */
export interface Scan {
  records: Found[];
  damages: { offset: number; bytes: number }[];
  end: number;
}

export function encodeRecord(meta: RecordMeta, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(HEADER_BYTES + payload.length);
  record.set(payload, HEADER_BYTES);
  writeHeader(record, meta);
  return record;
}

/** Makes one record after another in the same bytes: a hundred kilobytes made anew for each cost more than filling them. */
export class RecordRoom {
  #bytes = new Uint8Array(0);

  /** The record holds until the next one is made. */
  encode(meta: RecordMeta, payload: { bytes: number; write(to: Uint8Array<ArrayBuffer>): void }): Uint8Array {
    const bytes = HEADER_BYTES + payload.bytes;
    if (this.#bytes.length < bytes) this.#bytes = new Uint8Array(2 ** Math.ceil(Math.log2(bytes)));
    const record = this.#bytes.subarray(0, bytes);
    payload.write(record.subarray(HEADER_BYTES));
    writeHeader(record, meta);
    return record;
  }
}

/** The payload is there already. */
function writeHeader(record: Uint8Array, meta: RecordMeta): void {
  const payload = record.subarray(HEADER_BYTES);
  const view = new DataView(record.buffer, record.byteOffset, HEADER_BYTES);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, KINDS.indexOf(meta.kind), true);
  view.setUint32(8, payload.length, true);
  view.setUint32(12, meta.samples, true);
  view.setFloat64(16, meta.id, true);
  view.setFloat64(24, meta.rank, true);
  view.setFloat64(32, meta.fromMs, true);
  view.setFloat64(40, meta.toMs, true);
  view.setUint32(48, crc32c(payload), true);
  view.setUint32(52, crc32c(record.subarray(0, 52)), true);
}

export function payloadCrcOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset, HEADER_BYTES).getUint32(48, true);
}

/** Undefined when these bytes are no header, or not as they were written. */
export function readHeader(bytes: Uint8Array, offset: number): Found | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(52, true) !== crc32c(bytes.subarray(0, 52))) return undefined;
  const kind = KINDS[view.getUint32(4, true)];
  const payloadBytes = view.getUint32(8, true);
  if (kind === undefined || payloadBytes > PAYLOAD_BYTES_MAX) return undefined;
  return {
    kind,
    offset,
    bytes: HEADER_BYTES + payloadBytes,
    samples: view.getUint32(12, true),
    id: view.getFloat64(16, true),
    rank: view.getFloat64(24, true),
    fromMs: view.getFloat64(32, true),
    toMs: view.getFloat64(40, true),
    payloadCrc: view.getUint32(48, true),
  };
}

/** Undefined when the payload is not as it was written. */
export function readPayload(file: DiskFile, record: Place): Uint8Array | undefined {
  const bytes = record.bytes - HEADER_BYTES;
  const payload = file.read(record.offset + HEADER_BYTES, bytes);
  return payload.length === bytes && crc32c(payload) === record.payloadCrc ? payload : undefined;
}

/** A record whose bytes are in memory; undefined when they are not as they were written. */
export function decodeRecord(bytes: Uint8Array): { meta: Found; payload: Uint8Array } | undefined {
  const meta = readHeader(bytes, 0);
  if (!meta || meta.bytes > bytes.length) return undefined;
  const payload = bytes.subarray(HEADER_BYTES, meta.bytes);
  return crc32c(payload) === meta.payloadCrc ? { meta, payload } : undefined;
}

/** Hops from header to header, and past damage to the next header that holds. Payloads are not looked at. */
export function scanRecords(file: DiskFile, size: number): Scan {
  const scan: Scan = { records: [], damages: [], end: 0 };
  let at = 0;
  while (at + HEADER_BYTES <= size) {
    const found = readHeader(file.read(at, HEADER_BYTES), at);
    if (found && at + found.bytes <= size) {
      scan.records.push(found);
      at += found.bytes;
      scan.end = at;
      continue;
    }
    // A record whose end the file lacks may still be followed by nothing, or its length be the damage.
    const next = findHeader(file, at + 1, size);
    if (next === undefined) break;
    scan.damages.push({ offset: at, bytes: next - at });
    at = next;
  }
  return scan;
}

function findHeader(file: DiskFile, from: number, size: number): number | undefined {
  for (let start = from; start + HEADER_BYTES <= size; start += SEARCH_BYTES) {
    const window = Buffer.from(file.read(start, SEARCH_BYTES + HEADER_BYTES));
    let at = window.indexOf(MAGIC_BYTES);
    while (at !== -1) {
      const found = readHeader(window.subarray(at), start + at);
      if (found && start + at + found.bytes <= size) return start + at;
      at = window.indexOf(MAGIC_BYTES, at + 1);
    }
  }
  return undefined;
}

import type { Series } from "../sample/sample.ts";

const FORMAT = 1;
const HEADER_BYTES = 5;
const ZSTD_LEVEL = 1;
const RAW_BYTES_MAX = 64 * 1_048_576;

/** One poll as it is stored: its series are the dictionary's, its values exactly those that were appended. */
export interface StoredBatch {
  takenAtMs: number;
  series: Series[];
  values: Float64Array;
}

/** The same before the dictionary's ids are turned back into series. */
export interface CodedBatch {
  takenAtMs: number;
  seriesIds: Uint32Array;
  values: Float64Array;
}

export type Decoded = { kind: "decoded"; batches: CodedBatch[] } | { kind: "damaged"; reason: string };

/**
 * crc32 (4) | format (1) | zstd of: batches (4) | per batch: time (8), samples (4) | per sample: id delta (4) | values (8),
 * the last two in byte planes (all first bytes, then all second bytes, ...), which is what makes them compress.
 */
export function encodeBlock(batches: CodedBatch[]): Uint8Array<ArrayBuffer> {
  const samples = batches.reduce((sum, batch) => sum + batch.values.length, 0);
  const headBytes = 4 + 12 * batches.length;
  const raw = new Uint8Array(headBytes + 12 * samples);
  const head = new DataView(raw.buffer);
  const deltas = new Int32Array(samples);
  const values = new Float64Array(samples);
  head.setUint32(0, batches.length, true);
  let at = 0;
  let previousId = 0;
  batches.forEach((batch, index) => {
    head.setFloat64(4 + 12 * index, batch.takenAtMs, true);
    head.setUint32(12 + 12 * index, batch.values.length, true);
    values.set(batch.values, at);
    for (const id of batch.seriesIds) {
      deltas[at] = id - previousId;
      previousId = id;
      at += 1;
    }
  });
  toPlanes(new Uint8Array(deltas.buffer), 4, raw.subarray(headBytes));
  toPlanes(new Uint8Array(values.buffer), 8, raw.subarray(headBytes + 4 * samples));
  const packed = Bun.zstdCompressSync(raw, { level: ZSTD_LEVEL });
  const block = new Uint8Array(HEADER_BYTES + packed.length);
  block[4] = FORMAT;
  block.set(packed, HEADER_BYTES);
  new DataView(block.buffer).setUint32(0, Bun.hash.crc32(block.subarray(4)), true);
  return block;
}

/** Never throws on damaged bytes: the checksum is looked at before anything else. */
export function decodeBlock(block: Uint8Array): Decoded {
  if (block.length <= HEADER_BYTES) return damaged(`${block.length} bytes are too few for a block`);
  const stored = new DataView(block.buffer, block.byteOffset, block.byteLength).getUint32(0, true);
  const computed = Bun.hash.crc32(block.subarray(4));
  if (stored !== computed) return damaged(`checksum is ${computed}, stored was ${stored}`);
  if (block[4] !== FORMAT) return damaged(`format ${block[4]} is not known to this version (it knows ${FORMAT})`);
  const raw = Bun.zstdDecompressSync(block.subarray(HEADER_BYTES));
  if (raw.length < 4 || raw.length > RAW_BYTES_MAX) return damaged(`${raw.length} bytes of content`);
  return readBatches(raw);
}

function readBatches(raw: Uint8Array): Decoded {
  const head = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const count = head.getUint32(0, true);
  const headBytes = 4 + 12 * count;
  const samples = (raw.length - headBytes) / 12;
  if (!Number.isInteger(samples) || samples < 0) return damaged(`${count} batches do not fit ${raw.length} bytes`);
  const deltas = new Int32Array(samples);
  const values = new Float64Array(samples);
  fromPlanes(raw.subarray(headBytes, headBytes + 4 * samples), 4, new Uint8Array(deltas.buffer));
  fromPlanes(raw.subarray(headBytes + 4 * samples), 8, new Uint8Array(values.buffer));
  const ids = new Uint32Array(samples);
  let id = 0;
  for (let i = 0; i < samples; i += 1) {
    id += deltas[i] ?? 0;
    ids[i] = id;
  }
  const batches: CodedBatch[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const end = at + head.getUint32(12 + 12 * index, true);
    const takenAtMs = head.getFloat64(4 + 12 * index, true);
    batches.push({ takenAtMs, seriesIds: ids.subarray(at, end), values: values.subarray(at, end) });
    at = end;
  }
  if (at !== samples) return damaged(`batches name ${at} samples, the block holds ${samples}`);
  return { kind: "decoded", batches };
}

function damaged(reason: string): Decoded {
  return { kind: "damaged", reason };
}

function toPlanes(source: Uint8Array, width: number, target: Uint8Array): void {
  const count = source.length / width;
  for (let plane = 0; plane < width; plane += 1) {
    const base = plane * count;
    for (let i = 0; i < count; i += 1) target[base + i] = source[i * width + plane] ?? 0;
  }
}

function fromPlanes(source: Uint8Array, width: number, target: Uint8Array): void {
  const count = source.length / width;
  for (let plane = 0; plane < width; plane += 1) {
    const base = plane * count;
    for (let i = 0; i < count; i += 1) target[i * width + plane] = source[base + i] ?? 0;
  }
}

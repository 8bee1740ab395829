import { DIGEST_BYTES, readDigest, writeDigest } from "./layout.ts";

const BATCH_HEAD_BYTES = DIGEST_BYTES + 12;

/** One poll: the layout says which series its values are of. */
export interface CodedBatch {
  layout: string;
  takenAtMs: number;
  values: Float64Array;
}

/** Where a batch stands in the payload of a raw record, without its values. */
export interface BatchPlace {
  layout: string;
  takenAtMs: number;
  samples: number;
  offset: number;
}

/**
 * What a group commit writes, made to cost as little as can be: compaction makes it small where it has to stay.
 * Per batch: layout (16) | time (8) | samples (4) | values (8 each).
 */
export function rawPayload(batches: readonly CodedBatch[]): { bytes: number; write(to: Uint8Array): void } {
  let bytes = 0;
  for (const { values } of batches) bytes += BATCH_HEAD_BYTES + values.byteLength;
  return { bytes, write: (to) => writeRaw(to, batches) };
}

function writeRaw(payload: Uint8Array, batches: readonly CodedBatch[]): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let at = 0;
  for (const { layout, takenAtMs, values } of batches) {
    writeDigest(payload, at, layout);
    view.setFloat64(at + DIGEST_BYTES, takenAtMs, true);
    view.setUint32(at + DIGEST_BYTES + 8, values.length, true);
    payload.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at + BATCH_HEAD_BYTES);
    at += BATCH_HEAD_BYTES + values.byteLength;
  }
}

/** Undefined when the payload does not add up. */
export function placesOf(payload: Uint8Array): BatchPlace[] | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const places: BatchPlace[] = [];
  let at = 0;
  while (at + BATCH_HEAD_BYTES <= payload.length) {
    const samples = view.getUint32(at + DIGEST_BYTES + 8, true);
    const takenAtMs = view.getFloat64(at + DIGEST_BYTES, true);
    places.push({ layout: readDigest(payload, at), takenAtMs, samples, offset: at + BATCH_HEAD_BYTES });
    at += BATCH_HEAD_BYTES + 8 * samples;
  }
  return at === payload.length ? places : undefined;
}

export function valuesAt(bytes: Uint8Array, place: { samples: number; offset: number }): Float64Array {
  const start = bytes.byteOffset + place.offset;
  return new Float64Array(bytes.buffer.slice(start, start + 8 * place.samples) as ArrayBuffer);
}

export function decodeRaw(payload: Uint8Array): CodedBatch[] | undefined {
  return placesOf(payload)?.map((place) => ({
    layout: place.layout,
    takenAtMs: place.takenAtMs,
    values: valuesAt(payload, place),
  }));
}

import { columnReader, columnWriter } from "./columns.ts";
import { DIGEST_BYTES, readDigest, writeDigest } from "./layout.ts";
import type { CodedBatch } from "./raw.ts";

const ZSTD_LEVEL = 1;
const SECTION_BYTES = DIGEST_BYTES + 8;

/** Polls of one layout, oldest first. */
export interface Section {
  layout: string;
  times: number[];
  polls: Float64Array[];
}

/**
 * sections (4) | per section: layout (16), polls (4), series (4) | zstd of: times of all sections (8 each), columns.
 */
export function encodeCompact(sections: readonly Section[]): Uint8Array {
  const head = new Uint8Array(4 + SECTION_BYTES * sections.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, sections.length, true);
  let columns = 0;
  let samples = 0;
  sections.forEach(({ layout, polls }, index) => {
    const series = polls[0]?.length ?? 0;
    const at = 4 + SECTION_BYTES * index;
    writeDigest(head, at, layout);
    view.setUint32(at + DIGEST_BYTES, polls.length, true);
    view.setUint32(at + DIGEST_BYTES + 4, series, true);
    columns += series;
    samples += series * polls.length;
  });
  const writer = columnWriter(columns, samples);
  for (const { polls } of sections) {
    const column = new Float64Array(polls.length);
    for (let series = 0; series < (polls[0]?.length ?? 0); series += 1) {
      for (let poll = 0; poll < polls.length; poll += 1) column[poll] = (polls[poll] as Float64Array)[series] as number;
      writer.add(column);
    }
  }
  const times = Float64Array.from(sections.flatMap((section) => section.times));
  const content = Buffer.concat([new Uint8Array(times.buffer), writer.finish()]);
  return Buffer.concat([head, Bun.zstdCompressSync(content, { level: ZSTD_LEVEL })]);
}

/** Throws when the payload does not add up; its checksum is looked at before. */
export function decodeCompact(payload: Uint8Array): CodedBatch[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const count = view.getUint32(0, true);
  const headBytes = 4 + SECTION_BYTES * count;
  const content = Bun.zstdDecompressSync(payload.subarray(headBytes));
  const sections = Array.from({ length: count }, (_, index) => {
    const at = 4 + SECTION_BYTES * index;
    return {
      layout: readDigest(payload, at),
      polls: view.getUint32(at + DIGEST_BYTES, true),
      series: view.getUint32(at + DIGEST_BYTES + 4, true),
    };
  });
  const pollCount = sections.reduce((sum, section) => sum + section.polls, 0);
  const times = new DataView(content.buffer, content.byteOffset, 8 * pollCount);
  const reader = columnReader(content.subarray(8 * pollCount));
  const batches: CodedBatch[] = [];
  for (const { layout, polls, series } of sections) {
    const made = Array.from({ length: polls }, () => new Float64Array(series));
    const column = new Float64Array(polls);
    for (let index = 0; index < series; index += 1) {
      reader.next(column);
      for (let poll = 0; poll < polls; poll += 1) (made[poll] as Float64Array)[index] = column[poll] as number;
    }
    for (const values of made) {
      batches.push({ layout, takenAtMs: times.getFloat64(8 * batches.length, true), values });
    }
  }
  if (!reader.isAtEnd()) throw new RangeError("the block holds more than its sections say");
  return batches;
}

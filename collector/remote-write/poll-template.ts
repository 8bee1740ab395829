import type { SeriesList } from "../sample/series-list.ts";
import {
  type Encoder,
  frameBytes,
  SAMPLE_FIXED_BYTES,
  TAG_SAMPLE,
  TAG_TIME_SERIES,
  TAG_TIMESTAMP,
  TAG_VALUE,
} from "./encode.ts";
import type { Around } from "./labels.ts";
import { type SnappyTemplate, snappyTemplate } from "./snappy-template.ts";
import { writeVarint } from "./varint.ts";
import { type Blanks, blanksOf } from "./words.ts";

/** Times of this many bytes reach from 1971 to 2109: a hole of one size fits them all. */
export const TIME_BYTES = 6;
export const VALUE_BYTES = 8;
/** Tag and length of a sample, and tag of its value. */
const SAMPLE_HEAD_BYTES = 3;
const HOLE_BYTES = VALUE_BYTES + 1 + TIME_BYTES;
/** Beyond it what was shared is forgotten: layouts that come later share among themselves. */
const TEMPLATES_A_SHAPE_MAX = 64;

/**
 * Templates of layouts. Devices of one kind differ in words alone, their own name and those of their parts; as long as
 * these are as long and begin alike, one template, of 20 KB for a 48-port switch, serves all of them.
 */
export function createTemplates(encoder: Encoder): (layout: SeriesList) => SnappyTemplate {
  const known = new WeakMap<SeriesList, SnappyTemplate>();
  const byShape = new WeakMap<SeriesList["shape"], Map<string, SnappyTemplate>>();

  function shared(layout: SeriesList): SnappyTemplate {
    const alike = byShape.get(layout.shape) ?? new Map<string, SnappyTemplate>();
    byShape.set(layout.shape, alike);
    const blanks = blanksOf(layout);
    const template = alike.get(blanks.key) ?? makeTemplate(encoder, layout, blanks);
    if (alike.size >= TEMPLATES_A_SHAPE_MAX && !alike.has(blanks.key)) alike.clear();
    alike.set(blanks.key, template);
    return template;
  }

  return (layout) => {
    const template = known.get(layout) ?? shared(layout);
    known.set(layout, template);
    return template;
  };
}

/** The WriteRequest of one poll with a hole in place of each value and time, and blanks for the layout's own words. */
function makeTemplate(encoder: Encoder, layout: SeriesList, blanks: Blanks): SnappyTemplate {
  const labels = encoder.labelsOf(layout);
  const sampleBytes = SAMPLE_FIXED_BYTES + TIME_BYTES;
  const request = new Uint8Array(labels.bytes.length + frameBytes(labels, sampleBytes));
  const holes = new Int32Array(layout.length);
  const labelsAt = new Int32Array(layout.length);
  let at = 0;
  let from = 0;
  labels.ends.forEach((end, i) => {
    request[at] = TAG_TIME_SERIES;
    at = writeVarint(request, at + 1, end - from + sampleBytes);
    labelsAt[i] = at;
    request.set(labels.bytes.subarray(from, end), at);
    at += end - from;
    from = end;
    request.set([TAG_SAMPLE, sampleBytes - 2, TAG_VALUE], at);
    holes[i] = at + SAMPLE_HEAD_BYTES;
    request[at + SAMPLE_HEAD_BYTES + VALUE_BYTES] = TAG_TIMESTAMP;
    at += sampleBytes;
  });
  const symbols = Int32Array.from(request);
  for (let i = 0; i < layout.length; i += 1) {
    const { before, values } = labels.around[layout.row(i)] as Around;
    const ends = { before: (labelsAt[i] as number) + before.length, after: (holes[i] as number) - SAMPLE_HEAD_BYTES };
    const words = wordsOfRow(layout, layout.row(i));
    for (const { label, side, fromEnd, bytes } of values)
      symbols.set(blanks.of(words.get(label) ?? 0, bytes), ends[side] - fromEnd);
  }
  return snappyTemplate(symbols, holes, HOLE_BYTES);
}

/** Which word is the value of a label: 0 is the device, others are its texts. */
function wordsOfRow({ shape }: SeriesList, row: number): Map<string, number> {
  const { rowEnds, pairs, labelNames } = shape;
  const words = new Map([["device", 0]]);
  for (let pair = row === 0 ? 0 : (rowEnds[row - 1] as number); pair < (rowEnds[row] as number); pair += 1)
    words.set(labelNames[pairs[2 * pair] as number] as string, 1 + (pairs[2 * pair + 1] as number));
  return words;
}

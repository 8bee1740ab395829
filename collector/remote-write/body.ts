import { compress } from "snappyjs";
import type { Series } from "../sample/sample.ts";
import type { StoredBatch } from "../spool/index.ts";
import {
  createEncoder,
  type Encoder,
  frameBytes,
  SAMPLE_FIXED_BYTES,
  TAG_SAMPLE,
  TAG_TIME_SERIES,
  TAG_TIMESTAMP,
  TAG_VALUE,
  timeField,
} from "./encode.ts";
import { type SnappyTemplate, snappyTemplate } from "./snappy-template.ts";
import { varintBytes, writeVarint } from "./varint.ts";

/** Times of this many bytes reach from 1971 to 2109: a hole of one size fits them all. */
const TIME_BYTES = 6;
const VALUE_BYTES = 8;
const HOLE_BYTES = VALUE_BYTES + 1 + TIME_BYTES;
/** Templates send each name with each sample; from this many polls a layout on, one name for all of them is less. */
const POLLS_A_LAYOUT_MAX = 2;
const ZSTD_LEVEL = 1;

export type Compression = "snappy" | "zstd";

export interface BodyMaker {
  make(batches: readonly StoredBatch[], compression: Compression): Uint8Array<ArrayBuffer>;
}

/** What goes over the wire: live polls from templates, backlog by series. */
export function createBodyMaker(extra: Readonly<Record<string, string>>): BodyMaker {
  const encoder = createEncoder(extra);
  const templates = new WeakMap<Series[], SnappyTemplate>();

  function templateOf(layout: Series[]): SnappyTemplate {
    let template = templates.get(layout);
    if (!template) {
      template = makeTemplate(encoder, layout);
      templates.set(layout, template);
    }
    return template;
  }

  function fromTemplates(batches: readonly StoredBatch[]): Uint8Array<ArrayBuffer> {
    const parts = batches.map((batch) => ({ batch, template: templateOf(batch.series) }));
    const rawBytes = parts.reduce((sum, { template }) => sum + template.uncompressedBytes, 0);
    const bytes = parts.reduce((sum, { template }) => sum + template.elements.length, varintBytes(rawBytes));
    const body = new Uint8Array(bytes);
    let at = writeVarint(body, 0, rawBytes);
    for (const { batch, template } of parts) {
      body.set(template.elements, at);
      fill(body.subarray(at, at + template.elements.length), template.places, batch);
      at += template.elements.length;
    }
    return body;
  }

  return {
    make(batches, compression) {
      const layouts = new Set(batches.map(({ series }) => series)).size;
      const isLive = batches.length <= POLLS_A_LAYOUT_MAX * layouts;
      if (compression === "snappy" && isLive && batches.every(fitsTemplate))
        return fromTemplates(batches.toSorted((a, b) => a.takenAtMs - b.takenAtMs));
      const request = encoder.encode(batches);
      return compression === "snappy" ? compress(request) : pack(request);
    },
  };
}

function pack(request: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Bun.zstdCompressSync(request, { level: ZSTD_LEVEL }));
}

function fitsTemplate({ takenAtMs }: StoredBatch): boolean {
  return timeField(takenAtMs).length === TIME_BYTES;
}

/** The WriteRequest of one poll with a hole in place of each value and time. */
function makeTemplate(encoder: Encoder, layout: Series[]): SnappyTemplate {
  const labels = encoder.labelsOf(layout);
  const sampleBytes = SAMPLE_FIXED_BYTES + TIME_BYTES;
  const request = new Uint8Array(labels.bytes.length + frameBytes(labels, sampleBytes));
  const holes = new Int32Array(layout.length);
  let at = 0;
  let from = 0;
  labels.ends.forEach((end, index) => {
    request[at] = TAG_TIME_SERIES;
    at = writeVarint(request, at + 1, end - from + sampleBytes);
    request.set(labels.bytes.subarray(from, end), at);
    at += end - from;
    from = end;
    request.set([TAG_SAMPLE, sampleBytes - 2, TAG_VALUE], at);
    holes[index] = at + 3;
    request[at + 3 + VALUE_BYTES] = TAG_TIMESTAMP;
    at += sampleBytes;
  });
  return snappyTemplate(request, holes, HOLE_BYTES);
}

function fill(elements: Uint8Array, places: Int32Array, { values, takenAtMs }: StoredBatch): void {
  const view = new DataView(elements.buffer, elements.byteOffset, elements.byteLength);
  const time = timeField(takenAtMs);
  for (let i = 0; i < places.length; i += 1) {
    const place = places[i] as number;
    view.setFloat64(place, values[i] as number, true);
    for (let byte = 0; byte < TIME_BYTES; byte += 1) elements[place + VALUE_BYTES + 1 + byte] = time[byte] as number;
  }
}

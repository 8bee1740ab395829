import { compress } from "snappyjs";
import type { StoredBatch } from "../spool/index.ts";
import { createEncoder, timeField } from "./encode.ts";
import { createTemplates, TIME_BYTES, VALUE_BYTES } from "./poll-template.ts";
import { varintBytes, writeVarint } from "./varint.ts";
import { createWords } from "./words.ts";

/** Templates send each name with each sample; from this many polls a layout on, one name for all of them is less. */
const POLLS_A_LAYOUT_MAX = 2;
const ZSTD_LEVEL = 1;

export type Compression = "snappy" | "zstd";

export interface BodyMaker {
  /** Valid until the next call: fetch copies what it is given before it returns. */
  make(batches: readonly StoredBatch[], compression: Compression): Uint8Array<ArrayBuffer>;
}

/** What goes over the wire: live polls from templates, backlog by series. */
export function createBodyMaker(extra: Readonly<Record<string, string>>): BodyMaker {
  const encoder = createEncoder(extra);
  const templateOf = createTemplates(encoder);
  const words = createWords();
  let room = new Uint8Array(0);

  function fromTemplates(batches: readonly StoredBatch[]): Uint8Array<ArrayBuffer> {
    const parts = batches.map((batch) => ({ batch, template: templateOf(batch.series) }));
    const rawBytes = parts.reduce((sum, { template }) => sum + template.uncompressedBytes, 0);
    const bytes = parts.reduce((sum, { template }) => sum + template.elements.length, varintBytes(rawBytes));
    // Made anew for each request it cost more than filling it: pages come and go with every one.
    if (room.length < bytes) room = new Uint8Array(2 ** Math.ceil(Math.log2(bytes)));
    const body = room.subarray(0, bytes);
    let at = writeVarint(body, 0, rawBytes);
    for (const { batch, template } of parts) {
      const end = at + template.elements.length;
      body.set(template.elements, at);
      const elements = body.subarray(at, end);
      words.fill(elements, template.blanks, batch.series);
      fill(elements, template.places, batch);
      at = end;
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

function fill(elements: Uint8Array, places: Int32Array, { values, takenAtMs }: StoredBatch): void {
  const view = new DataView(elements.buffer, elements.byteOffset, elements.byteLength);
  const time = timeField(takenAtMs);
  for (let i = 0; i < places.length; i += 1) {
    const place = places[i] as number;
    view.setFloat64(place, values[i] as number, true);
    for (let byte = 0; byte < TIME_BYTES; byte += 1) elements[place + VALUE_BYTES + 1 + byte] = time[byte] as number;
  }
}

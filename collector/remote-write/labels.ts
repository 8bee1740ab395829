import type { Series } from "../sample/sample.ts";
import { writeVarint } from "./varint.ts";

const TAG_LABEL = 0x0a;
const TAG_NAME = 0x0a;
const TAG_VALUE = 0x12;
const text = new TextEncoder();

/** The label fields of a TimeSeries message: sorted by name, without empty ones; `extra` wins over the series' own. */
export function encodeLabels(series: Series, extra: Readonly<Record<string, string>>): Uint8Array {
  const labels = Object.entries({ ...series.labels, ...extra, __name__: series.name })
    .filter(([, value]) => value !== "")
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const fields = labels.map(([name, value]) =>
    field(TAG_LABEL, concat([field(TAG_NAME, text.encode(name)), field(TAG_VALUE, text.encode(value))])),
  );
  return concat(fields);
}

function field(tag: number, content: Uint8Array): Uint8Array {
  const head = new Uint8Array(11);
  head[0] = tag;
  const headBytes = writeVarint(head, 1, content.length);
  return concat([head.subarray(0, headBytes), content]);
}

function concat(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

import type { Series } from "../sample/sample.ts";
import { varintBytes, writeVarint } from "./varint.ts";

const TAG_LABEL = 0x0a;
const TAG_NAME = 0x0a;
const TAG_VALUE = 0x12;
const KNOWN_MAX = 20_000;
const text = new TextEncoder();

/** Names, devices and interfaces stand in many series each. */
const known = new Map<string, Uint8Array>();

/** The label fields of a TimeSeries message: sorted by name, without empty ones; `extra` wins over the series' own. */
export function encodeLabels(series: Series, extra: Readonly<Record<string, string>>): Uint8Array {
  const labels: Record<string, string> = { ...series.labels, ...extra, __name__: series.name };
  const parts: { name: Uint8Array; value: Uint8Array; bytes: number }[] = [];
  let bytes = 0;
  for (const label of Object.keys(labels).toSorted()) {
    const content = labels[label] ?? "";
    if (content === "") continue;
    const name = bytesOf(label);
    const value = bytesOf(content);
    const part = { name, value, bytes: fieldBytes(name.length) + fieldBytes(value.length) };
    parts.push(part);
    bytes += fieldBytes(part.bytes);
  }
  const encoded = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    encoded[at] = TAG_LABEL;
    at = writeVarint(encoded, at + 1, part.bytes);
    at = writeField(encoded, at, { tag: TAG_NAME, content: part.name });
    at = writeField(encoded, at, { tag: TAG_VALUE, content: part.value });
  }
  return encoded;
}

function bytesOf(content: string): Uint8Array {
  let bytes = known.get(content);
  if (!bytes) {
    if (known.size >= KNOWN_MAX) known.clear();
    bytes = text.encode(content);
    known.set(content, bytes);
  }
  return bytes;
}

function fieldBytes(contentBytes: number): number {
  return 1 + varintBytes(contentBytes) + contentBytes;
}

function writeField(target: Uint8Array, start: number, field: { tag: number; content: Uint8Array }): number {
  target[start] = field.tag;
  const at = writeVarint(target, start + 1, field.content.length);
  target.set(field.content, at);
  return at + field.content.length;
}

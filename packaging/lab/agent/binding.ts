import type { Frame } from "./frame.ts";
import { TAG } from "./tag.ts";
import { appendValue, type Value } from "./value.ts";

export interface BoundValue {
  /** Tag, length and content of the OID. */
  name: Uint8Array;
  value: Value;
}

/** A live value with tag and length: at most 64 bits and a leading zero. */
const LIVE_BYTES_MAX = 11;

/** Appends name and value as one binding. */
export function appendObject(frame: Frame, object: BoundValue, nowMs: number): void {
  const { name, value } = object;
  if (value.kind === "fixed") {
    frame.appendHeader(TAG.sequence, name.length + value.encoded.length);
    frame.append(name);
    frame.append(value.encoded);
    return;
  }
  // The length is written last; how many bytes it takes is settled by the name.
  const long = name.length + LIVE_BYTES_MAX >= 0x80;
  const start = frame.tail;
  const content = start + (long ? 4 : 2);
  frame.tail = content;
  frame.append(name);
  appendValue(frame, value, nowMs);
  const length = frame.tail - content;
  frame.bytes[start] = TAG.sequence;
  frame.bytes[start + 1] = long ? 0x82 : length;
  if (!long) return;
  frame.bytes[start + 2] = length >>> 8;
  frame.bytes[start + 3] = length & 0xff;
}

/** Appends a binding that says why there is no value: noSuchObject, noSuchInstance or endOfMibView. */
export function appendException(frame: Frame, name: Uint8Array, tag: number): void {
  frame.appendHeader(TAG.sequence, name.length + 2);
  frame.append(name);
  frame.appendHeader(tag, 0);
}

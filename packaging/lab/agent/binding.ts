import type { Frame } from "./frame.ts";
import { TAG } from "./tag.ts";
import { appendValue, type Value } from "./value.ts";

export interface BoundValue {
  /** Tag, length and content of the OID. */
  name: Uint8Array;
  value: Value;
}

const VALUE_ROOM = 24;

/** Appends name and value as one binding. */
export function appendObject(frame: Frame, object: BoundValue, nowMs: number): void {
  const { name, value } = object;
  if (value.kind === "fixed") {
    frame.appendHeader(TAG.sequence, name.length + value.encoded.length);
    frame.append(name);
    frame.append(value.encoded);
    return;
  }
  // A live value is at most 11 bytes, so the binding's length takes one byte unless its name is unusually long.
  const long = name.length + VALUE_ROOM >= 0x80;
  const start = frame.tail;
  frame.tail += long ? 4 : 2;
  frame.append(name);
  appendValue(frame, value, nowMs);
  const length = frame.tail - start - (long ? 4 : 2);
  frame.bytes.set(long ? [TAG.sequence, 0x82, length >>> 8, length & 0xff] : [TAG.sequence, length], start);
}

/** Appends a binding that says why there is no value: noSuchObject, noSuchInstance or endOfMibView. */
export function appendException(frame: Frame, name: Uint8Array, tag: number): void {
  frame.appendHeader(TAG.sequence, name.length + 2);
  frame.append(name);
  frame.appendHeader(tag, 0);
}

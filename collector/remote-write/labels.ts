import type { SeriesList } from "../sample/series-list.ts";
import { varintBytes, writeVarint } from "./varint.ts";

const TAG_LABEL = 0x0a;
const TAG_NAME = 0x0a;
const TAG_VALUE = 0x12;
const NAME_LABEL = "__name__";
const KNOWN_MAX = 4_096;
const SERIES_BYTES = 128;
const text = new TextEncoder();

/** Fields of metric names: they stand in the series of every device. */
const nameFields = new Map<string, Uint8Array>();

/** The label fields of each series of a layout, one after another. */
export interface LayoutLabels {
  bytes: Uint8Array;
  /** Where those of series i end. */
  ends: Int32Array;
  /** By row of the layout. */
  around: readonly (Around | undefined)[];
}

/** Fields of all labels but the name, sorted as a whole TimeSeries has them. */
export interface Around {
  before: Uint8Array;
  after: Uint8Array;
  /** Values that `extra` did not set; they begin so many bytes before the end of `before` or `after`. */
  values: { label: string; side: "before" | "after"; fromEnd: number; bytes: number }[];
}

/**
 * Made when a request or template is, and not kept: a copy of each name for each series was a third of the collector's
 * memory. Series of one thing, which share their labels, differ in the name alone: what stands around it is made once.
 */
export function encodeLabels(layout: SeriesList, extra: Readonly<Record<string, string>>): LayoutLabels {
  const ends = new Int32Array(layout.length);
  const rows: (Around | undefined)[] = [];
  let bytes = new Uint8Array(layout.length * SERIES_BYTES);
  let at = 0;
  for (let i = 0; i < ends.length; i++) {
    const row = layout.row(i);
    const around = (rows[row] ??= aroundName(layout.labelsOf(row), extra));
    const field = nameFieldOf(layout.name(i));
    const end = at + around.before.length + field.length + around.after.length;
    if (end > bytes.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(bytes.subarray(0, at));
      bytes = grown;
    }
    bytes.set(around.before, at);
    bytes.set(field, at + around.before.length);
    bytes.set(around.after, end - around.after.length);
    ends[i] = at = end;
  }
  return { bytes: bytes.subarray(0, at), ends, around: rows };
}

/** Sorted by name, without empty ones; `extra` wins over the series' own. */
function aroundName(own: Readonly<Record<string, string>>, extra: Readonly<Record<string, string>>): Around {
  const labels: Record<string, string> = { ...own, ...extra };
  const names = Object.keys(labels).toSorted();
  const values: Around["values"] = [];
  const fieldsOf = (of: string[], side: "before" | "after"): Uint8Array => {
    const fields = of.map((label) => fieldOf(label, labels[label] ?? ""));
    let rest = 0;
    for (let i = of.length - 1; i >= 0; i -= 1) {
      const label = of[i] as string;
      // A value ends its field.
      const bytes = Object.hasOwn(extra, label) ? 0 : Buffer.byteLength(labels[label] ?? "");
      if (bytes > 0) values.push({ label, side, fromEnd: rest + bytes, bytes });
      rest += (fields[i] as Uint8Array).length;
    }
    return Buffer.concat(fields);
  };
  const before = fieldsOf(
    names.filter((label) => label < NAME_LABEL),
    "before",
  );
  const after = fieldsOf(
    names.filter((label) => label > NAME_LABEL),
    "after",
  );
  return { before, after, values };
}

/** Nothing for an empty one. */
function fieldOf(label: string, content: string): Uint8Array {
  if (content === "") return new Uint8Array(0);
  const name = text.encode(label);
  const value = text.encode(content);
  const length = partBytes(name.length) + partBytes(value.length);
  const field = new Uint8Array(partBytes(length));
  field[0] = TAG_LABEL;
  const at = writePart(field, writeVarint(field, 1, length), { tag: TAG_NAME, content: name });
  writePart(field, at, { tag: TAG_VALUE, content: value });
  return field;
}

function nameFieldOf(name: string): Uint8Array {
  let field = nameFields.get(name);
  if (!field) {
    if (nameFields.size >= KNOWN_MAX) nameFields.clear();
    field = fieldOf(NAME_LABEL, name);
    nameFields.set(name, field);
  }
  return field;
}

function partBytes(contentBytes: number): number {
  return 1 + varintBytes(contentBytes) + contentBytes;
}

function writePart(target: Uint8Array, start: number, part: { tag: number; content: Uint8Array }): number {
  target[start] = part.tag;
  const at = writeVarint(target, start + 1, part.content.length);
  target.set(part.content, at);
  return at + part.content.length;
}

import type { Cells } from "./cells.ts";
import type { Oid } from "./oid.ts";
import { type Rows, Sheet, type SheetColumn } from "./sheet.ts";

/** The sheet for the next walks over these columns, by the rows that a whole walk found; `numbers` are their numbers in it. */
export function sheetOf(
  cells: Cells,
  asked: { scalars: readonly Oid[]; columns: readonly Oid[]; numbers: readonly number[] },
): Sheet {
  const oids = [...asked.scalars, ...asked.columns];
  const rows = oids.map((_, i) => rowsOf(cells, asked.numbers[i] ?? -1));
  const sheet = new Sheet(columnsOf(oids, rows, asked.scalars.length));
  for (const [i, number] of asked.numbers.entries()) sheet.fill(i, cells, number);
  return sheet;
}

const LISTS_MAX = 500;
/** Devices of one kind share their columns, which stay in the processor's cache from one to the next. */
const lists = new Map<string, readonly SheetColumn[]>();

function columnsOf(oids: readonly Oid[], rows: readonly Rows[], scalars: number): readonly SheetColumn[] {
  const key = `${scalars} ${oids.map(({ text }, i) => `${text} ${rows[i]?.id}`).join()}`;
  let list = lists.get(key);
  if (!list) {
    list = columnsAnew(oids, rows, scalars);
    if (lists.size >= LISTS_MAX) lists.clear();
    lists.set(key, list);
  }
  return list;
}

/** Cells of columns that have the same rows lie row by row, as an agent sends them. */
function columnsAnew(oids: readonly Oid[], rows: readonly Rows[], scalars: number): SheetColumn[] {
  const blocks = new Map<number, { base: number; stride: number; taken: number }>();
  for (const { id } of rows) {
    const block = blocks.get(id) ?? { base: 0, stride: 0, taken: 0 };
    block.stride += 1;
    blocks.set(id, block);
  }
  let end = 0;
  for (const [id, block] of blocks) {
    block.base = end;
    end += block.stride * (rows.find((one) => one.id === id)?.count ?? 0);
  }
  const known = new Set<string>();
  return oids.map(({ text, bytes }, i): SheetColumn => {
    const { [i]: own = NO_ROWS } = rows;
    const block = blocks.get(own.id) ?? { base: 0, stride: 1, taken: 0 };
    const base = own.count === 0 ? 0 : block.base + block.taken;
    block.taken += 1;
    // Columns of one table only: rows of another may come and go apart.
    const table = `${text.slice(0, text.lastIndexOf("."))} ${own.id}`;
    const leads = !known.has(table);
    known.add(table);
    return { prefix: bytes, words: wordsOf(bytes), rows: own, base, stride: block.stride, leads, scalar: i < scalars };
  });
}

const words = new WeakMap<Uint8Array, Int32Array>();

/** Kept with the OID: all devices of a profile ask the same ones. */
function wordsOf(bytes: Uint8Array): Int32Array {
  let known = words.get(bytes);
  if (!known) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    known = Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(i * 4));
    words.set(bytes, known);
  }
  return known;
}

const NO_ROWS: Rows = { bytes: new Uint8Array(0), ends: new Int32Array(0), count: 0, id: 0 };
const KEPT_MAX = 1_000;
/** Devices of one kind number their rows alike. */
const kept = new Map<string, Rows>();
let ids = 0;
let room = new Uint8Array(4_096);

/** The rows of a column; those of equal columns are one object, as far as they are remembered. */
function rowsOf(cells: Cells, column: number): Rows {
  const count = column < 0 ? 0 : cells.length(column);
  if (count === 0) return NO_ROWS;
  let end = 0;
  for (let place = 0; place < count; place++) {
    const index = cells.indexBytes(cells.cell(column, place));
    while (end + index.length + 2 > room.length) room = enlarged(room);
    room[end] = index.length >> 8;
    room[end + 1] = index.length & 0xff;
    room.set(index, end + 2);
    end += index.length + 2;
  }
  const key = Buffer.from(room.buffer, 0, end).toString("latin1");
  let rows = kept.get(key);
  if (!rows) {
    ids += 1;
    rows = unpacked(room.subarray(0, end), count, ids);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, rows);
  }
  return rows;
}

/** From each index behind its length in two bytes. */
function unpacked(packed: Uint8Array, count: number, id: number): Rows {
  const bytes = new Uint8Array(packed.length - count * 2);
  const ends = new Int32Array(count);
  let end = 0;
  for (let place = 0, at = 0; place < count; place++) {
    const length = (packed[at] as number) * 256 + (packed[at + 1] as number);
    bytes.set(packed.subarray(at + 2, at + 2 + length), end);
    end += length;
    at += length + 2;
    ends[place] = end;
  }
  return { bytes, ends, count, id };
}

function enlarged(from: Uint8Array): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(from.length * 2);
  to.set(from);
  return to;
}

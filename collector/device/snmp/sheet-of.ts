import type { Cells } from "./cells.ts";
import type { Oid } from "./oid.ts";
import { type Rows, Sheet, type SheetColumn } from "./sheet.ts";

/** The sheet for the next walks over these columns, by the rows that a whole walk found; `numbers` are their numbers in it. */
export function sheetOf(
  cells: Cells,
  asked: { scalars: readonly Oid[]; columns: readonly Oid[]; numbers: readonly number[] },
): Sheet {
  const known = new Set<string>();
  let base = 0;
  const columns = [...asked.scalars, ...asked.columns].map((oid, i): SheetColumn => {
    const rows = rowsOf(cells, asked.numbers[i] ?? -1);
    // Columns of one table only: rows of another may come and go apart.
    const key = `${oid.text.slice(0, oid.text.lastIndexOf("."))} ${rows.key}`;
    const leads = !known.has(key);
    known.add(key);
    const scalar = i < asked.scalars.length;
    if (rows.count === 0) return absent(oid, leads, scalar);
    const column = { prefix: oid.bytes, words: wordsOf(oid.bytes), rows, base, leads, scalar };
    base += rows.count;
    return column;
  });
  const sheet = new Sheet(columns);
  for (const [i, number] of asked.numbers.entries()) sheet.fill(i, cells, number);
  return sheet;
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

const absentOnes = new WeakMap<Uint8Array, SheetColumn[]>();

/** Most columns of a profile have no rows at most devices: those share what they ask with. */
function absent({ bytes }: Oid, leads: boolean, scalar: boolean): SheetColumn {
  let ones = absentOnes.get(bytes);
  if (!ones) {
    ones = [];
    absentOnes.set(bytes, ones);
  }
  let one = ones.find((column) => column.leads === leads && column.scalar === scalar);
  if (!one) {
    one = { prefix: bytes, words: wordsOf(bytes), rows: NO_ROWS, base: 0, leads, scalar };
    ones.push(one);
  }
  return one;
}

const NO_ROWS: Rows = { bytes: new Uint8Array(0), ends: new Int32Array(0), count: 0, key: "" };
const KEPT_MAX = 1_000;
/** Devices of one kind number their rows alike. */
const kept = new Map<string, Rows>();
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
    rows = unpacked(room.subarray(0, end), count, key);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, rows);
  }
  return rows;
}

/** From each index behind its length in two bytes. */
function unpacked(packed: Uint8Array, count: number, key: string): Rows {
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
  return { bytes, ends, count, key };
}

function enlarged(from: Uint8Array): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(from.length * 2);
  to.set(from);
  return to;
}

import type { Cells } from "./cells.ts";
import type { Oid } from "./oid.ts";
import { Recently } from "./recently.ts";
import { NO_ROWS, type Rows, shapeOf } from "./shape.ts";
import { Sheet } from "./sheet.ts";

/** The sheet for the next walks over these columns, by the rows that a whole walk found; `numbers` are their numbers in it. */
export function sheetOf(
  cells: Cells,
  asked: { scalars: readonly Oid[]; columns: readonly Oid[]; numbers: readonly number[] },
): Sheet {
  const oids = [...asked.scalars, ...asked.columns];
  const rows: Rows[] = [];
  let last: { column: number; rows: Rows } | undefined;
  for (const column of asked.numbers) {
    const own = last && haveSameRows(cells, column, last.column) ? last.rows : rowsOf(cells, column);
    if (own.count > 0) last = { column, rows: own };
    rows.push(own);
  }
  const sheet = new Sheet(shapeOf(oids, rows, asked.scalars.length));
  sheet.fill(cells, asked.numbers);
  return sheet;
}

/** Columns of one table mostly do: comparing them is quicker than looking their rows up. */
function haveSameRows(cells: Cells, a: number, b: number): boolean {
  const count = cells.length(a);
  if (count === 0 || count !== cells.length(b)) return false;
  for (let place = 0; place < count; place++)
    if (cells.compareRows(cells.cell(a, place), cells.cell(b, place)) !== 0) return false;
  return true;
}

/** Devices of one kind number their rows alike. */
const kept = new Recently<Rows>(1_000);
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

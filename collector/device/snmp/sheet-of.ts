import type { Cells } from "./cells.ts";
import type { Oid } from "./oid.ts";
import { type Rows, Sheet, type SheetColumn } from "./sheet.ts";

/** The sheet for the next walks over these columns, by the rows that a whole walk found; `numbers` are their numbers in it. */
export function sheetOf(
  cells: Cells,
  asked: { scalars: readonly Oid[]; columns: readonly Oid[]; numbers: readonly number[] },
): Sheet {
  const known = new Map<string, Rows>();
  let base = 0;
  const columns = [...asked.scalars, ...asked.columns].map((oid, i): SheetColumn => {
    const { key: rowKey, rows } = rowsOf(cells, asked.numbers[i] ?? -1);
    // Columns of one table only: rows of another may come and go apart.
    const key = `${oid.text.slice(0, oid.text.lastIndexOf("."))} ${rowKey}`;
    const shared = known.get(key);
    if (!shared) known.set(key, rows);
    const scalar = i < asked.scalars.length;
    const column = {
      prefix: oid.bytes,
      words: wordsOf(oid.bytes),
      rows: shared ?? rows,
      base,
      leads: shared === undefined,
      scalar,
    };
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

const NO_ROWS: Rows = { bytes: new Uint8Array(0), ends: new Int32Array(0), count: 0 };

function rowsOf(cells: Cells, column: number): { key: string; rows: Rows } {
  const count = column < 0 ? 0 : cells.length(column);
  if (count === 0) return { key: "", rows: NO_ROWS };
  const parts = Array.from({ length: count }, (_, place) => cells.indexBytes(cells.cell(column, place)));
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  const ends = new Int32Array(count);
  let end = 0;
  for (const [place, part] of parts.entries()) {
    end += part.length;
    ends[place] = end;
  }
  return { key: `${ends.join()} ${bytes.join()}`, rows: { bytes, ends, count } };
}

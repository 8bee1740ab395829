import type { Oid } from "./oid.ts";
import { Recently } from "./recently.ts";

/** Row indexes of a column as OID content, one after the other: row i is bytes[ends[i - 1], ends[i]). */
export interface Rows {
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
  readonly count: number;
  /** Equal for one and the same rows, and different for others. */
  readonly id: number;
}

export interface SheetColumn {
  readonly prefix: Uint8Array;
  /** The prefix in words, as far as it fills them. */
  readonly words: Int32Array;
  readonly rows: Rows;
  /** Its first cell, and how far it is from each to the next. */
  readonly base: number;
  readonly stride: number;
  /** Reads on until the agent shows its end. The columns that share its rows end where it does. */
  readonly leads: boolean;
  readonly scalar: boolean;
}

/** Columns and where their cells are: one object for all devices of one kind. */
export interface Shape {
  readonly columns: readonly SheetColumn[];
  readonly count: number;
  /** By cell. */
  readonly columnOf: Uint16Array;
  /** Types of values as the last device of this shape had them, for the next to share. */
  tags: Uint8Array | undefined;
}

const shapes = new Recently<Shape>(500);

/** Devices of one kind share their columns, which stay in the processor's cache from one to the next. */
export function shapeOf(oids: readonly Oid[], rows: readonly Rows[], scalars: number): Shape {
  const key = `${scalars} ${oids.map(({ text }, i) => `${text} ${rows[i]?.id}`).join()}`;
  let shape = shapes.get(key);
  if (!shape) {
    shape = withCells(columnsAnew(oids, rows, scalars));
    shapes.set(key, shape);
  }
  return shape;
}

function withCells(columns: readonly SheetColumn[]): Shape {
  const count = columns.reduce((sum, column) => sum + column.rows.count, 0);
  const columnOf = new Uint16Array(count);
  for (const [number, { base, stride, rows }] of columns.entries())
    for (let place = 0; place < rows.count; place++) columnOf[base + place * stride] = number;
  return { columns, count, columnOf, tags: undefined };
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

export const NO_ROWS: Rows = { bytes: new Uint8Array(0), ends: new Int32Array(0), count: 0, id: 0 };

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

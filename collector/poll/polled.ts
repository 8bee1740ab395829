import type { CellReader, Sheet } from "../device/snmp/index.ts";
import type { Layout } from "./layout.ts";

/** One value of a table, taken out of the datagram it came in. */
export interface Value {
  /** NaN when it is not a number. */
  number: number;
  text: string;
  bytes: Uint8Array;
}

export type Column = ReadonlyMap<string, Value>;

const NOTHING: Column = new Map();

/** Columns that an earlier poll read. */
export interface Remembered {
  get(oid: string): Column | undefined;
  has(oid: string): boolean;
}

/** What moves slowly, as its sheet holds it: taken out when it is asked for, which is seldom. */
export class SlowColumns implements Remembered {
  readonly #sheet: Sheet;
  readonly #layout: Layout;

  constructor(sheet: Sheet, layout: Layout) {
    this.#sheet = sheet;
    this.#layout = layout;
  }

  get(oid: string): Column | undefined {
    const number = this.#layout.numbers.get(oid);
    if (number === undefined) return undefined;
    return extracted(this.#sheet, this.#sheet.countOf(number), (place) => this.#sheet.cellOf(number, place));
  }

  has(oid: string): boolean {
    const number = this.#layout.numbers.get(oid);
    return number !== undefined && this.#sheet.countOf(number) > 0;
  }
}

/** What a poll brought, together with the slow-moving columns that an earlier one did. */
export class Polled {
  readonly cells: CellReader;
  readonly #layout: Layout;
  readonly #remembered: Remembered;
  #columns: Map<string, Column> | undefined;

  constructor(options: { cells: CellReader; layout: Layout; remembered: Remembered }) {
    this.cells = options.cells;
    this.#layout = options.layout;
    this.#remembered = options.remembered;
  }

  /** The number of a column in this poll's cells; -1 when it was not asked. */
  number(oid: string): number {
    return this.#layout.numbers.get(oid) ?? -1;
  }

  /** Values by row index. */
  column(oid: string | undefined): Column {
    if (oid === undefined) return NOTHING;
    let column = this.#columns?.get(oid);
    if (!column) {
      column = this.#columnAnew(oid);
      (this.#columns ??= new Map()).set(oid, column);
    }
    return column;
  }

  #columnAnew(oid: string): Column {
    const number = this.#layout.numbers.get(oid);
    if (number === undefined) return this.#remembered.get(oid) ?? NOTHING;
    return extracted(this.cells, this.cells.length(number), (place) => this.cells.cell(number, place));
  }

  /** The value of a scalar; an agent may lack it. */
  scalar(oid: string | undefined): Value | undefined {
    for (const value of this.column(oid).values()) return value;
    return undefined;
  }

  /** The number of a scalar asked with this very poll. */
  scalarNumber(oid: string): number | undefined {
    const number = this.number(oid);
    const cell = number < 0 || this.cells.length(number) === 0 ? -1 : this.cells.cell(number, 0);
    return cell >= 0 && this.cells.isNumber(cell) ? this.cells.number(cell) : undefined;
  }

  /** Whether there is any value of this column or scalar. */
  has(oid: string | undefined): boolean {
    if (oid === undefined) return false;
    const number = this.#layout.numbers.get(oid);
    return number === undefined ? this.#remembered.has(oid) : this.cells.length(number) > 0;
  }
}

const NO_BYTES = new Uint8Array(0);
const BYTES_KEPT_MAX = 64;

function extracted(cells: CellReader, count: number, cellAt: (place: number) => number): Column {
  const column = new Map<string, Value>();
  for (let place = 0; place < count; place++) {
    const cell = cellAt(place);
    const isNumber = cells.isNumber(cell);
    column.set(cells.indexText(cell), {
      number: isNumber ? cells.number(cell) : Number.NaN,
      text: cells.text(cell),
      bytes: isNumber ? NO_BYTES : cells.bytes(cell).slice(0, BYTES_KEPT_MAX),
    });
  }
  return column;
}

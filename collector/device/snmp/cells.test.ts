import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Cells, joinRows } from "./cells.ts";
import { Incoming } from "./incoming.ts";
import { oid } from "./oid.ts";
import { counter64, response } from "./responder.fixture.ts";

const COLUMN = "1.3.6.1.2.1.2.2.1";

/** Puts a table into cells as a walk does: column by column, rows in the order of their index. */
function cellsOf(table: Map<number, bigint>[]): Cells {
  const cells = new Cells(4);
  const incoming = new Incoming();
  for (const [column, rows] of table.entries()) {
    const sorted = [...rows].toSorted(([a], [b]) => a - b);
    const variables = sorted.map(([index, value]) => ({
      oid: `${COLUMN}.${column}.${index}`,
      value: counter64(value),
    }));
    const bytes = response(1, variables);
    expect(incoming.readHeader(bytes) && incoming.readPdu(bytes, incoming.data)).toBe(true);
    const prefix = oid(`${COLUMN}.${column}`).bytes.length;
    for (let i = 0; i < sorted.length; i++) cells.append(column, incoming.varbinds, i, prefix);
  }
  cells.finish(table.length);
  return cells;
}

const rows = fc
  .array(
    fc.tuple(
      fc.oneof(fc.nat(20), fc.constantFrom(127, 128, 16_383, 16_384)),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    ),
  )
  .map((entries) => new Map(entries));

test("a join of columns equals that of its plain twin, rows with holes included", () => {
  fc.assert(
    fc.property(fc.array(rows, { minLength: 1, maxLength: 6 }), (table) => {
      const cells = cellsOf(table);
      const joined: [string, (bigint | undefined)[]][] = [];
      joinRows(
        cells,
        table.map((_, column) => column),
        (row) => {
          const some = row.find((cell) => cell >= 0) ?? -1;
          joined.push([cells.indexText(some), Array.from(row, (cell) => (cell < 0 ? undefined : cells.big(cell)))]);
        },
      );
      const indexes = [...new Set(table.flatMap((column) => [...column.keys()]))].toSorted((a, b) => a - b);
      expect(joined).toEqual(indexes.map((index) => [String(index), table.map((column) => column.get(index))]));
    }),
  );
});

test("columns that were never asked are holes", () => {
  const seen: number[][] = [];
  joinRows(cellsOf([new Map([[1, 5n]])]), [-1, 0, -1], (row) => seen.push([...row]));
  expect(seen).toEqual([[-1, 0, -1]]);
});

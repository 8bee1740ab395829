import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Tag } from "./ber.ts";
import { Cells } from "./cells.ts";
import { createCounters } from "./counters.ts";
import { Incoming } from "./incoming.ts";
import { oid } from "./oid.ts";
import { counter64, element, response, text, unsigned, type Variable } from "./responder.fixture.ts";
import { SheetPlan } from "./sheet-plan.ts";
import { sheetOf } from "./sheet-of.ts";
import type { Asked } from "./walk.ts";

const COLUMN = "1.3.6.1.2.1.2.2.1";
const COLUMNS = [oid(`${COLUMN}.8`), oid(`${COLUMN}.10`), oid(`${COLUMN}.2`)];
const ROWS = [1, 2, 127, 128, 70_000];
const asked: Asked = { numbers: [0, 1, 2], scalars: 0, repetitions: ROWS.length };

/** One value of each kind of column, row by row, as a GETBULK brings them. */
function table(values: readonly (readonly [status: number, octets: bigint, name: string])[]): Variable[] {
  return ROWS.flatMap((row, i) => {
    const [status, octets, name] = values[i] ?? [1, 0n, ""];
    return [
      { oid: `${COLUMN}.8.${row}`, value: element(Tag.Integer, status) },
      { oid: `${COLUMN}.10.${row}`, value: counter64(octets) },
      { oid: `${COLUMN}.2.${row}`, value: text(name) },
    ];
  });
}

function read(message: Uint8Array): Incoming {
  const incoming = new Incoming();
  expect(incoming.readHeader(message) && incoming.readPduHead(message, incoming.data.start, incoming.data.end)).toBe(
    true,
  );
  return incoming;
}

function cellsOf(variables: readonly Variable[]): Cells {
  const cells = new Cells();
  const incoming = read(response(1, [...variables]));
  expect(incoming.readVarbinds()).toBe(true);
  for (let i = 0; i < incoming.varbinds.count; i++) cells.append(i % 3, incoming.varbinds, i, 9);
  cells.finish(3);
  return cells;
}

const value = fc.tuple(
  fc.integer({ min: 1, max: 255 }),
  fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 54n }), fc.bigInt(0n, 300n)),
  fc.string({ maxLength: 150 }),
);
const values = fc.array(value, { minLength: ROWS.length, maxLength: ROWS.length });

test("the quick way into a sheet reads what its plain twin reads, whatever came before", () => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      const sheet = sheetOf(cellsOf(table(first)), { scalars: [], columns: COLUMNS, numbers: [0, 1, 2] });
      const plan = new SheetPlan(sheet, createCounters());
      expect(plan.read(read(response(1, table(second))), asked)).toBe(ROWS.length * 3);
      const twin = cellsOf(table(second));
      for (let column = 0; column < 3; column++) {
        expect(sheet.length(column)).toBe(ROWS.length);
        for (let place = 0; place < ROWS.length; place++) {
          const [ours, theirs] = [sheet.cell(column, place), twin.cell(column, place)];
          expect(sheet.tag(ours)).toBe(twin.tag(theirs));
          expect(sheet.indexText(ours)).toBe(twin.indexText(theirs));
          if (!sheet.isNumber(ours)) expect(sheet.text(ours)).toBe(twin.text(theirs));
          else expect([sheet.number(ours), sheet.big(ours)]).toEqual([twin.number(theirs), twin.big(theirs)]);
        }
      }
      expect(sheet.wordsChanged).toBe(first.some(([, , name], i) => name !== second[i]?.[2]));
      const isOther = ([status, octets]: (typeof first)[number], i: number) =>
        status !== second[i]?.[0] || octets !== second[i]?.[1];
      expect(sheet.numbersChanged).toBe(first.some(isOther));
    }),
    { numRuns: 200 },
  );
});

test("an answer that is broken behind its first values leaves the walk where it was", () => {
  const variables = table(ROWS.map((row) => [1, BigInt(row), "ge"]));
  const sheet = sheetOf(cellsOf(variables), { scalars: [], columns: COLUMNS, numbers: [0, 1, 2] });
  const whole = response(1, variables);
  fc.assert(
    fc.property(
      fc.integer({ min: read(whole).list.start, max: whole.length - 1 }),
      fc.integer({ min: 0, max: 255 }),
      (at, byte) => {
        const broken = whole.slice();
        broken[at] = byte;
        const plan = new SheetPlan(sheet, createCounters());
        const incoming = read(broken);
        const count = plan.read(incoming, asked);
        expect(count < 0).toBe(!incoming.readVarbinds());
        if (count < 0) expect([...sheet.seen, plan.isDone]).toEqual([0, 0, 0, false]);
      },
    ),
    { numRuns: 500 },
  );
});

test("values of other rows, of another type, or past the end are not taken for those expected", () => {
  const variables = table(ROWS.map((row) => [1, BigInt(row), "ge"]));
  const numbers = [0, 1, 2];
  const taken = (answer: Variable[]) => {
    const sheet = sheetOf(cellsOf(variables), { scalars: [], columns: COLUMNS, numbers });
    const plan = new SheetPlan(sheet, createCounters());
    plan.read(read(response(1, answer)), asked);
    return { seen: [...sheet.seen], changed: plan.changed, words: sheet.wordsChanged };
  };
  const [first, second] = variables as [Variable, Variable];
  expect(taken([{ ...first, oid: `${COLUMN}.8.3` }])).toEqual({ seen: [0, 0, 0], changed: true, words: false });
  expect(taken([second])).toEqual({ seen: [0, 0, 0], changed: true, words: false });
  expect(taken([{ ...first, value: unsigned(Tag.Gauge32, 1) }])).toEqual({
    seen: [1, 0, 0],
    changed: false,
    words: true,
  });
  const beyond = { oid: `${COLUMN}.8.70001`, value: first.value };
  expect(taken([...variables, beyond])).toMatchObject({ seen: [5, 5, 5], changed: true });
});

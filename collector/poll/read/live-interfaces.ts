import { type Sheet, Tag } from "../../device/snmp/index.ts";
import { tellCounterColumns } from "../counter-columns.ts";
import type { InterfaceReading } from "../reading.ts";
import { type InterfaceRow, MILLION, rawOf } from "./interfaces.ts";

// Hot path: the numbers of interfaces whose rows, names and counters are those of the last poll. Counters are not moved
// at all: who asks for them reads the sheet. Figures in device/snmp/sheet.ts. Twin: readInterfaces, in poll/sheet.test.ts.

/** Cells of an interface besides its counters: admin status, oper status, speed, discontinuity; -1 where there is none. */
const FIXED = 4;

/** Interfaces of a sheet, the same objects with every poll. */
export class LiveInterfaces {
  readonly readings: InterfaceReading[];
  readonly #sheet: Sheet;
  readonly #fixed: Int32Array;
  readonly #firsts: Int32Array;
  readonly #cells: Int32Array;
  /** One list for all interfaces that have the same. */
  readonly #metrics: (readonly string[])[] = [];
  readonly #speeds: number[];

  constructor(rows: readonly InterfaceRow[], sheet: Sheet) {
    this.#sheet = sheet;
    this.#fixed = Int32Array.from(
      rows.flatMap(({ admin, oper, highSpeed, discontinuity }) => [admin, oper, highSpeed, discontinuity]),
    );
    this.#cells = Int32Array.from(rows.flatMap(({ counters }) => counters));
    this.#firsts = new Int32Array(rows.length + 1);
    for (const [i, { counters, reading }] of rows.entries()) {
      this.#firsts[i + 1] = (this.#firsts[i] as number) + counters.length;
      const metrics = reading.counters.map(({ metric }) => metric);
      const last = this.#metrics[i - 1];
      this.#metrics.push(last?.join() === metrics.join() ? last : metrics);
    }
    this.#speeds = rows.map((row) => row.otherSpeedBps);
    this.readings = rows.map(({ reading }, i) => new LiveInterface(reading, this, i));
    tellCounterColumns(this.readings, { firsts: this.#firsts, cells: this.#cells, numbers: sheet.numbers });
  }

  /** The counters of interface `i` as they are now. */
  counters(i: number): InterfaceReading["counters"] {
    const first = this.#firsts[i] as number;
    return (this.#metrics[i] ?? []).map((metric, k) => {
      const cell = this.#cells[first + k] as number;
      const bits = this.#sheet.tag(cell) === Tag.Counter64 ? 64 : 32;
      return { metric, raw: rawOf(this.#sheet, cell), bits };
    });
  }

  /** True when an interface went up or down. */
  update(): boolean {
    const { numbers } = this.#sheet;
    let moved = false;
    for (let i = 0; i < this.readings.length; i++) {
      const reading = this.readings[i] as InterfaceReading;
      const at = i * FIXED;
      const admin = this.#fixed[at] as number;
      const oper = this.#fixed[at + 1] as number;
      const speed = this.#fixed[at + 2] as number;
      const discontinuity = this.#fixed[at + 3] as number;
      if (admin >= 0) reading.adminStatus = numbers[admin] as number;
      if (oper >= 0) {
        const status = numbers[oper] as number;
        moved ||= status !== reading.operStatus;
        reading.operStatus = status;
      }
      if (speed >= 0) reading.speedBps = (numbers[speed] as number) * MILLION || (this.#speeds[i] as number);
      if (discontinuity >= 0) reading.discontinuityTicks = numbers[discontinuity] as number;
    }
    return moved;
  }
}

/** There are as many as ports in all devices: one getter serves them all, and what it needs is no property of theirs. */
class LiveInterface implements InterfaceReading {
  index: number;
  name: string;
  alias: string;
  type: number;
  mac: string;
  speedBps: number;
  adminStatus: number;
  operStatus: number;
  declare counters: InterfaceReading["counters"];
  discontinuityTicks: number;
  readonly #of: LiveInterfaces;
  readonly #place: number;

  constructor(reading: InterfaceReading, of: LiveInterfaces, place: number) {
    this.index = reading.index;
    this.name = reading.name;
    this.alias = reading.alias;
    this.type = reading.type;
    this.mac = reading.mac;
    this.speedBps = reading.speedBps;
    this.adminStatus = reading.adminStatus;
    this.operStatus = reading.operStatus;
    this.discontinuityTicks = reading.discontinuityTicks;
    this.#of = of;
    this.#place = place;
    Object.defineProperty(this, "counters", COUNTERS);
  }

  static countersOf(port: LiveInterface): InterfaceReading["counters"] {
    return port.#of.counters(port.#place);
  }
}

/** A property of its own, so that a copy has it. */
const COUNTERS = {
  enumerable: true,
  get(this: LiveInterface) {
    return LiveInterface.countersOf(this);
  },
};

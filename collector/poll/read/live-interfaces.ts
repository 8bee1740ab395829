import type { Sheet } from "../../device/snmp/index.ts";
import type { InterfaceReading } from "../reading.ts";
import { type InterfaceRow, MILLION, rawOf } from "./interfaces.ts";

// Hot path: the numbers of interfaces whose rows, names and counters are those of the last poll. Figures in
// device/snmp/sheet.ts. Twin: readInterfaces, in poll/sheet.test.ts.

const FIXED = 4;

/** Interfaces of a sheet, the same objects with every poll. */
export class LiveInterfaces {
  readonly readings: InterfaceReading[];
  /** Per interface: admin status, oper status, speed, discontinuity, then each counter; -1 where there is none. */
  readonly #cells: Int32Array[];
  readonly #speeds: number[];

  constructor(rows: readonly InterfaceRow[]) {
    this.readings = rows.map((row) => row.reading);
    this.#cells = rows.map(({ admin, oper, highSpeed, discontinuity, counters }) =>
      Int32Array.of(admin, oper, highSpeed, discontinuity, ...counters),
    );
    this.#speeds = rows.map((row) => row.otherSpeedBps);
  }

  /** True when an interface went up or down. */
  update(sheet: Sheet): boolean {
    let moved = false;
    for (let i = 0; i < this.readings.length; i++) {
      const reading = this.readings[i] as InterfaceReading;
      const cells = this.#cells[i] as Int32Array;
      const admin = cells[0] as number;
      const oper = cells[1] as number;
      const speed = cells[2] as number;
      const discontinuity = cells[3] as number;
      if (admin >= 0) reading.adminStatus = sheet.number(admin);
      if (oper >= 0) {
        const status = sheet.number(oper);
        moved ||= status !== reading.operStatus;
        reading.operStatus = status;
      }
      if (speed >= 0) reading.speedBps = sheet.number(speed) * MILLION || (this.#speeds[i] as number);
      if (discontinuity >= 0) reading.discontinuityTicks = sheet.number(discontinuity);
      const { counters } = reading;
      for (let k = 0; k < counters.length; k++)
        (counters[k] as InterfaceReading["counters"][number]).raw = rawOf(sheet, cells[FIXED + k] as number);
    }
    return moved;
  }
}

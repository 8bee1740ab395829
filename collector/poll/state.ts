import type { Sheet } from "../device/snmp/index.ts";
import type { Profile } from "../profile/index.ts";
import type { Board } from "./board.ts";
import type { Layout } from "./layout.ts";
import type { Remembered } from "./polled.ts";
import type { InterfaceReading } from "./reading.ts";

export interface Sheets {
  fast: Sheet;
  slow: Sheet;
  /** Of the slow one. */
  slowLayout: Layout;
}

/** What is remembered of one device between polls; lives in memory only, a restart begins anew. */
export interface DeviceState {
  profile: Profile | undefined;
  objectId: string;
  /** Polls since the last one that read everything. */
  pollsSinceFull: number;
  fast: Layout | undefined;
  /** Where the values of a usual poll go, and the rest of a full one, as long as the device keeps its rows. */
  sheets: Sheets | undefined;
  /** What was made of the fast sheet last; undefined when it must be made anew. */
  board: Board | undefined;
  /** Usual polls since the last full one whose rows were others than the sheet's. */
  misfits: number;
  slow: Remembered;
  /** Of the last reading that was the whole. */
  interfaces: readonly InterfaceReading[];
  /** ifTableLastChange; undefined where the agent does not tell. */
  tableChange: number | undefined;
  uptime: { ticks: number | undefined; engineBoots: number; readAtMs: number } | undefined;
  /** Undefined before the first whole reading. */
  valuesExpected: number | undefined;
}

export function newDeviceState(): DeviceState {
  return {
    profile: undefined,
    objectId: "",
    pollsSinceFull: 0,
    fast: undefined,
    sheets: undefined,
    board: undefined,
    misfits: 0,
    slow: new Map(),
    interfaces: [],
    tableChange: undefined,
    uptime: undefined,
    valuesExpected: undefined,
  };
}

import { type Cells, type Oid, oid } from "../device/snmp/index.ts";

const LLDP = "1.0.8802.1.1.2.1";
const LLDP_REMOTE = `${LLDP}.4.1.1`;
const LLDP_V2 = "1.3.111.2.802.1.1.13.1";
const LLDP_V2_REMOTE = `${LLDP_V2}.4.1.1`;
const CDP = "1.3.6.1.4.1.9.9.23.1.2.1.1";

/** What a scan asks beyond a poll: who the device is in others' eyes, and whom it hears and knows. */
const SCALARS = {
  engineId: "1.3.6.1.6.3.10.2.1.1",
  chassisKind: `${LLDP}.3.1`,
  chassisId: `${LLDP}.3.2`,
  chassisKindV2: `${LLDP_V2}.3.1`,
  chassisIdV2: `${LLDP_V2}.3.2`,
  bridgeAddress: "1.3.6.1.2.1.17.1.1",
} as const;

const COLUMNS = {
  ifDescription: "1.3.6.1.2.1.2.2.1.2",
  ipv4Interface: "1.3.6.1.2.1.4.20.1.2",
  ipInterface: "1.3.6.1.2.1.4.34.1.3",
  lldpLocalPort: `${LLDP}.3.7.1.3`,
  lldpLocalPortDescription: `${LLDP}.3.7.1.4`,
  lldpChassisKind: `${LLDP_REMOTE}.4`,
  lldpChassis: `${LLDP_REMOTE}.5`,
  lldpPortKind: `${LLDP_REMOTE}.6`,
  lldpPort: `${LLDP_REMOTE}.7`,
  lldpPortDescription: `${LLDP_REMOTE}.8`,
  lldpSystem: `${LLDP_REMOTE}.9`,
  lldpLocalPortV2: `${LLDP_V2}.3.7.1.3`,
  lldpLocalPortDescriptionV2: `${LLDP_V2}.3.7.1.4`,
  lldpChassisKindV2: `${LLDP_V2_REMOTE}.5`,
  lldpChassisV2: `${LLDP_V2_REMOTE}.6`,
  lldpPortKindV2: `${LLDP_V2_REMOTE}.7`,
  lldpPortV2: `${LLDP_V2_REMOTE}.8`,
  lldpPortDescriptionV2: `${LLDP_V2_REMOTE}.9`,
  lldpSystemV2: `${LLDP_V2_REMOTE}.10`,
  cdpAddress: `${CDP}.4`,
  cdpSystem: `${CDP}.6`,
  cdpPort: `${CDP}.7`,
  bridgePort: "1.3.6.1.2.1.17.1.4.1.2",
  forwarding: "1.3.6.1.2.1.17.4.3.1.2",
  vlanForwarding: "1.3.6.1.2.1.17.7.1.2.2.1.2",
  arp: "1.3.6.1.2.1.4.22.1.2",
  neighbourCache: "1.3.6.1.2.1.4.35.1.4",
} as const;

type ScalarName = keyof typeof SCALARS;
type ColumnName = keyof typeof COLUMNS;

const scalarNames = Object.keys(SCALARS) as ScalarName[];
const columnNames = Object.keys(COLUMNS) as ColumnName[];

export const TABLE_WALK: { scalars: Oid[]; columns: Oid[] } = {
  scalars: scalarNames.map((name) => oid(SCALARS[name])),
  columns: columnNames.map((name) => oid(COLUMNS[name])),
};

export interface Cell {
  /** Sub-identifiers of the row index. */
  index: number[];
  text: string;
  number: number;
  bytes: Uint8Array;
}

/** Reads the cells of TABLE_WALK by name. */
export class Tables {
  readonly #cells: Cells;

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  scalar(name: ScalarName): Cell | undefined {
    return this.#column(scalarNames.indexOf(name), 1)[0];
  }

  column(name: ColumnName, rowsMax: number): Cell[] {
    return this.#column(scalarNames.length + columnNames.indexOf(name), rowsMax);
  }

  /** By row index as dotted text. */
  byIndex(name: ColumnName, rowsMax: number): Map<string, Cell> {
    return new Map(this.column(name, rowsMax).map((cell) => [cell.index.join("."), cell]));
  }

  #column(number: number, rowsMax: number): Cell[] {
    const cells = this.#cells;
    return Array.from({ length: Math.min(rowsMax, cells.length(number)) }, (_, place) => {
      const cell = cells.cell(number, place);
      return {
        index: cells.index(cell),
        text: cells.text(cell),
        number: cells.isNumber(cell) ? cells.number(cell) : Number.NaN,
        bytes: cells.bytes(cell),
      };
    });
  }
}

/** Six bytes as 00:1b:54:00:01:02; empty for anything else, and for no address at all. */
export function macOf(bytes: readonly number[] | Uint8Array): string {
  if (bytes.length !== 6 || bytes.every((byte) => byte === 0)) return "";
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

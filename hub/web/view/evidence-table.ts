import type { EvidenceBody } from "@watchpost/ui";

const ROWS_MAX = 50;
const COLUMNS_MAX = 8;
const CELL_CHARACTERS_MAX = 200;

/** Rows of records; anything else becomes one column. */
export function tableBody(items: readonly unknown[]): EvidenceBody {
  const records = items.slice(0, ROWS_MAX).map((item) => (isRecord(item) ? item : { value: item }));
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))].slice(0, COLUMNS_MAX);
  return {
    kind: "table",
    columns: keys.map(headingOf),
    rows: records.map((record) => keys.map((key) => cell(record[key]))),
  };
}

export function factsBody(record: object): EvidenceBody {
  const rows = Object.entries(record)
    .slice(0, ROWS_MAX)
    .map(([name, value]) => [headingOf(name), cell(value)]);
  return { kind: "table", columns: ["Name", "Value"], rows };
}

/** One value in a cell, of bounded length. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > CELL_CHARACTERS_MAX ? `${text.slice(0, CELL_CHARACTERS_MAX)}…` : text;
}

/** remotePort -> remote port */
function headingOf(key: string): string {
  const words = key.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll(/[_-]/g, " ");
  return words.toLowerCase().slice(0, 60);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

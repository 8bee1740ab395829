import type { Database } from "bun:sqlite";
import type { Series } from "../sample/sample.ts";

interface SeriesRow {
  id: number;
  name: string;
  labels: string;
  crc: number;
}

/** Names and labels of all series in the file, each stored once. */
export interface Dictionary {
  /**
   * Id of a series in this file; writes a row for a new one, so it is called inside a transaction. Undefined when the
   * dictionary is full: labels that change from poll to poll do that.
   */
  idOf(series: Series): number | undefined;
  /** Undefined when the row was damaged. */
  seriesOf(id: number): Series | undefined;
  /** Before a transaction, and when it failed: what idOf learnt in it is forgotten. */
  mark(): void;
  rollback(): void;
  /** Rows whose checksum did not fit when the file was opened. */
  damagedRows: number;
}

export function openDictionary(db: Database, seriesMax: number): Dictionary {
  const insert = db.query("insert into series (id, name, labels, crc) values (?, ?, ?, ?)");
  const byKey = new Map<string, number>();
  const byId: (Series | undefined)[] = [];
  let known = new WeakMap<Series, number>();
  let marked = 0;
  let damagedRows = 0;

  for (const row of db.query<SeriesRow, []>("select id, name, labels, crc from series order by id").iterate()) {
    if (row.crc === checksum(row.id, row.name, row.labels)) {
      byKey.set(keyOf(row.name, row.labels), row.id);
      byId[row.id] = { id: row.id, name: row.name, labels: JSON.parse(row.labels) as Record<string, string> };
    } else {
      damagedRows += 1;
      byId[row.id] = undefined;
    }
  }

  return {
    damagedRows,
    idOf(series) {
      const cached = known.get(series);
      if (cached !== undefined) return cached;
      const labels = canonical(series.labels);
      const key = keyOf(series.name, labels);
      let id = byKey.get(key);
      if (id === undefined) {
        if (byId.length >= seriesMax) return undefined;
        id = byId.length;
        insert.run(id, series.name, labels, checksum(id, series.name, labels));
        byKey.set(key, id);
        byId.push({ id, name: series.name, labels: { ...series.labels } });
      }
      known.set(series, id);
      return id;
    },
    seriesOf: (id) => byId[id],
    mark() {
      marked = byId.length;
    },
    rollback() {
      for (const series of byId.splice(marked)) {
        if (series) byKey.delete(keyOf(series.name, canonical(series.labels)));
      }
      known = new WeakMap();
    },
  };
}

function canonical(labels: Series["labels"]): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).toSorted(byName)));
}

function byName(a: [string, string], b: [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}

function keyOf(name: string, labels: string): string {
  return `${name}${labels}`;
}

function checksum(id: number, name: string, labels: string): number {
  return Bun.hash.crc32(`${id}:${name}${labels}`);
}

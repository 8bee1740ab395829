import type { BoundValue } from "./binding.ts";
import { encodeOid, isOid, keyOf, type OidKey, parseOid } from "./oid.ts";
import { TAG } from "./tag.ts";
import { fixed, type Value } from "./value.ts";

export interface MibObject extends BoundValue {
  key: OidKey;
}

interface Entry extends MibObject {
  /** Code units of the key that name the object type; the rest is the instance. */
  typeLength: number;
}

/** The objects of one agent in OID order. Built once, read by every request. */
export class Mib {
  readonly #entries: Entry[];
  readonly #indexByKey: Map<OidKey, number>;

  constructor(entries: Entry[]) {
    this.#entries = entries.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
    this.#indexByKey = new Map(this.#entries.map((entry, index) => [entry.key, index]));
  }

  get size(): number {
    return this.#entries.length;
  }

  at(index: number): MibObject | undefined {
    return this.#entries[index];
  }

  find(key: OidKey): MibObject | undefined {
    const index = this.#indexByKey.get(key);
    return index === undefined ? undefined : this.#entries[index];
  }

  /** Index of the first object behind this OID; `size` when there is none. */
  indexAfter(key: OidKey): number {
    const exact = this.#indexByKey.get(key);
    if (exact !== undefined) return exact + 1;
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.key ?? "") <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether the object type of this absent OID has other instances here: noSuchInstance instead of noSuchObject. */
  hasTypeOf(key: OidKey): boolean {
    const index = this.indexAfter(key);
    return [this.#entries[index - 1], this.#entries[index]].some(
      (entry) => entry !== undefined && key.startsWith(entry.key.slice(0, entry.typeLength)),
    );
  }
}

/** Collects objects for a Mib. The last one to claim an OID wins. */
export class MibBuilder {
  readonly #entries = new Map<OidKey, Entry>();
  readonly #prefixes = new Map<string, number[]>();

  scalar(type: string, value: Value): void {
    this.cell(type, [0], value);
  }

  /** One cell of a table: the column's OID and the row's index. */
  cell(column: string, instance: readonly number[], value: Value): void {
    let prefix = this.#prefixes.get(column);
    if (!prefix) {
      prefix = parseOid(column);
      this.#prefixes.set(column, prefix);
    }
    this.#add(prefix, instance, value);
  }

  /** Columns of one row: sub-identifier below the table's entry -> value. */
  row(entry: string, instance: readonly number[], columns: Readonly<Record<number, Value>>): void {
    for (const [column, value] of Object.entries(columns)) this.cell(`${entry}.${column}`, instance, value);
  }

  build(): Mib {
    return new Mib([...this.#entries.values()]);
  }

  #add(prefix: readonly number[], instance: readonly number[], value: Value): void {
    const oid = [...prefix, ...instance];
    if (!isOid(oid)) throw new RangeError(`${oid.join(".").slice(0, 200)} is no OID`);
    const key = keyOf(oid);
    const typeLength = keyOf(prefix).length;
    this.#entries.set(key, { key, name: fixed(TAG.oid, encodeOid(oid)).encoded, value, typeLength });
  }
}

import type { Series } from "./sample.ts";

const SERIES_MAX = 20_000_000;
const SERIES_PER_DEVICE_MAX = 100_000;
const LABEL_CHARS_MAX = 200;

/** Series of one labelled thing of one device, by metric name: an interface, a sensor, or the device itself. */
export interface Scope {
  /** Undefined when the table or the device's share of it is full. */
  series(metric: string): Series | undefined;
}

/** Interns series: the same name and labels are always the same object. Bounded, since names come from devices. */
export class SeriesTable {
  readonly #seriesMax: number;
  readonly #perDeviceMax: number;
  readonly #devices = new Map<string, DeviceScopes>();
  #count = 0;
  #refused = 0;

  constructor(limits: { seriesMax?: number; seriesPerDeviceMax?: number } = {}) {
    this.#seriesMax = limits.seriesMax ?? SERIES_MAX;
    this.#perDeviceMax = limits.seriesPerDeviceMax ?? SERIES_PER_DEVICE_MAX;
  }

  /** How many series there are; ids are below it. */
  get count(): number {
    return this.#count;
  }

  /** How often a series was refused because a limit was met. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * The scope of these labels, in the order given; `device` is put before them unless it is empty. It counts against the
   * device's share, or another one's that is named: what applications say shall not crowd out polls.
   */
  scope(device: string, labels: Readonly<Record<string, string>> = {}, share = device): Scope {
    let scopes = this.#devices.get(share);
    if (!scopes) {
      scopes = { count: 0, byLabels: new Map() };
      this.#devices.set(share, scopes);
    }
    const key = Object.entries(labels).flat().join("\0");
    const known = scopes.byLabels.get(key);
    if (known) return known;
    const scope = new LabelledScope(
      this,
      scopes,
      Object.freeze({ ...(device === "" ? {} : { device }), ...bounded(labels) }),
    );
    if (scopes.byLabels.size < this.#perDeviceMax) scopes.byLabels.set(key, scope);
    return scope;
  }

  /** A new series; undefined when the table or the device's share of it is full. */
  claim(name: string, labels: Series["labels"], scopes: DeviceScopes): Series | undefined {
    if (this.#count >= this.#seriesMax || scopes.count >= this.#perDeviceMax) {
      this.#refused += 1;
      return undefined;
    }
    const series: Series = { id: this.#count, name, labels };
    this.#count += 1;
    scopes.count += 1;
    return series;
  }
}

/** There are as many as things in all devices: no closure, and no map where a short list does as well. */
class LabelledScope implements Scope {
  readonly #table: SeriesTable;
  readonly #scopes: DeviceScopes;
  readonly #labels: Series["labels"];
  #list: readonly Series[] = [];
  #byMetric: Map<string, Series> | undefined;

  constructor(table: SeriesTable, scopes: DeviceScopes, labels: Series["labels"]) {
    this.#table = table;
    this.#scopes = scopes;
    this.#labels = labels;
  }

  series(metric: string): Series | undefined {
    const known = this.#byMetric ? this.#byMetric.get(metric) : this.#list.find(({ name }) => name === metric);
    if (known) return known;
    const series = this.#table.claim(metric, this.#labels, this.#scopes);
    if (!series) return undefined;
    if (this.#byMetric) this.#byMetric.set(metric, series);
    // Exactly as long as it has to be: one that grew keeps room for half as many again.
    else this.#list = [...this.#list, series];
    if (this.#list.length > SHORT_LIST_MAX) {
      this.#byMetric = new Map(this.#list.map((one) => [one.name, one]));
      this.#list = [];
    }
    return series;
  }
}

const SHORT_LIST_MAX = 24;

interface DeviceScopes {
  count: number;
  readonly byLabels: Map<string, Scope>;
}

function bounded(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, value.slice(0, LABEL_CHARS_MAX)]));
}

import { Tag } from "../../device/snmp/index.ts";
import type { Profile } from "../../profile/index.ts";
import { tellCounterColumns } from "../counter-columns.ts";
import type { Polled } from "../polled.ts";
import type { InterfaceReading } from "../reading.ts";
import type { Sheets } from "../state.ts";
import { interfaceNames } from "./interface-name.ts";
import { Field, FIELDS, type InterfacePlan, interfacePlan } from "./interface-plan.ts";
import { macText, MILLION, rawOf, UNKNOWN_STATUS } from "./interfaces.ts";
import { NAME_CHARS_MAX } from "./text.ts";

// Hot path: interfaces of a device that keeps its rows. Nothing is moved: who asks for a number or a word reads the
// sheet, and an interface is no more than its place: 64 bytes each, where an object of its values took 144 (Bun 1.4.5).
// Twin: readInterfaces, in poll/sheet.test.ts.

/** Interfaces of a device's sheets, the same objects with every poll. */
export class LiveInterfaces {
  readonly readings: InterfaceReading[];
  readonly plan: InterfacePlan;
  readonly sheets: Sheets;
  readonly names: readonly string[];
  readonly #operStatus: Uint8Array;

  constructor(spec: NonNullable<Profile["interfaces"]>, polled: Polled, sheets: Sheets) {
    this.plan = interfacePlan(spec, polled, sheets);
    this.sheets = sheets;
    const { indexes, firsts, counters } = this.plan;
    this.readings = indexes.map((_, place) => new LiveInterface(this, place));
    this.names = this.#namesOf();
    this.#operStatus = Uint8Array.from(this.readings, ({ operStatus }) => operStatus);
    tellCounterColumns(this.readings, { firsts, cells: counters, numbers: sheets.fast.numbers });
  }

  #namesOf(): readonly string[] {
    const { plan } = this;
    const words = plan.naming.map(({ sheet, column }) => this.sheets[sheet].wordsOf(column));
    const { named } = plan;
    if (named && words.every((one, i) => one !== undefined && one === named.words[i])) return named.names;
    const texts = plan.indexes.map(
      (index, i) => this.#name(i, Field.name) || this.#name(i, Field.description) || `if${index}`,
    );
    if (new Set(texts).size === texts.length) {
      plan.named = { words, names: texts };
      return texts;
    }
    return interfaceNames(
      this.readings.map(({ mac, alias }, i) => ({
        index: plan.indexes[i] as string,
        name: texts[i] as string,
        mac,
        alias,
      })),
    );
  }

  #name(place: number, field: number): string {
    return this.text(place, field).slice(0, NAME_CHARS_MAX);
  }

  /** `otherwise` where it is none or not there. */
  number(place: number, field: number, otherwise: number): number {
    const cell = this.plan.cells[place * FIELDS + field] as number;
    if (cell < 0) return otherwise;
    const { fast, slow } = this.sheets;
    return (cell < fast.count ? fast.numbers[cell] : slow.numbers[cell - fast.count]) as number;
  }

  text(place: number, field: number): string {
    const cell = this.plan.cells[place * FIELDS + field] as number;
    const { fast, slow } = this.sheets;
    return cell < 0 ? "" : cell < fast.count ? fast.text(cell) : slow.text(cell - fast.count);
  }

  bytes(place: number, field: number): Uint8Array | undefined {
    const cell = this.plan.cells[place * FIELDS + field] as number;
    const { fast, slow } = this.sheets;
    return cell < 0 ? undefined : cell < fast.count ? fast.bytes(cell) : slow.bytes(cell - fast.count);
  }

  /** The counters of an interface as they are now. */
  counters(place: number): InterfaceReading["counters"] {
    const { fast } = this.sheets;
    const { firsts, counters, metrics } = this.plan;
    const first = firsts[place] as number;
    return (metrics[place] ?? []).map((metric, k) => {
      const cell = counters[first + k] as number;
      return { metric, raw: rawOf(fast, cell), bits: fast.tag(cell) === Tag.Counter64 ? 64 : 32 };
    });
  }

  /** True when an interface went up or down since the last time. */
  update(): boolean {
    const { cells } = this.plan;
    const { numbers } = this.sheets.fast;
    const before = this.#operStatus;
    let moved = false;
    for (let i = 0; i < before.length; i++) {
      const cell = cells[i * FIELDS + Field.oper] as number;
      const status = (cell < 0 ? UNKNOWN_STATUS : (numbers[cell] as number)) & 0xff;
      moved ||= status !== before[i];
      before[i] = status;
    }
    return moved;
  }
}

/** There are as many as ports in all devices. */
class LiveInterface implements InterfaceReading {
  readonly #of: LiveInterfaces;
  readonly #place: number;

  constructor(of: LiveInterfaces, place: number) {
    this.#of = of;
    this.#place = place;
  }

  get index(): number {
    return Number(this.#of.plan.indexes[this.#place]);
  }

  get name(): string {
    return this.#of.names[this.#place] as string;
  }

  get alias(): string {
    return this.#of.text(this.#place, Field.alias);
  }

  get type(): number {
    return this.#of.number(this.#place, Field.type, 0);
  }

  get mac(): string {
    return macText(this.#of.bytes(this.#place, Field.mac));
  }

  get speedBps(): number {
    const high = this.#of.number(this.#place, Field.highSpeed, 0) * MILLION;
    return high || this.#of.number(this.#place, Field.speed, 0);
  }

  get adminStatus(): number {
    return this.#of.number(this.#place, Field.admin, UNKNOWN_STATUS);
  }

  get operStatus(): number {
    return this.#of.number(this.#place, Field.oper, UNKNOWN_STATUS);
  }

  get counters(): InterfaceReading["counters"] {
    return this.#of.counters(this.#place);
  }

  get discontinuityTicks(): number {
    return this.#of.number(this.#place, Field.discontinuity, 0);
  }

  toJSON(): InterfaceReading {
    return copyOf(this);
  }
}

/** What an interface says now, in an object of its own. */
export function copyOf(port: InterfaceReading): InterfaceReading {
  const { index, name, alias, type, mac, speedBps, adminStatus, operStatus, counters, discontinuityTicks } = port;
  return { index, name, alias, type, mac, speedBps, adminStatus, operStatus, counters, discontinuityTicks };
}

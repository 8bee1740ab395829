import type { Ids } from "./ids.ts";
import type { Series } from "./sample.ts";
import type { Shape } from "./shape.ts";

/** Names and values in turn, without the device: ["interface", "Te1/1"]. */
export type Labels = readonly string[];

/**
 * The series of a poll, in the order of their samples: columns, most of which are shared by all devices of one kind. As
 * objects the 673 series of a 48-port switch took 90 KB of heap, so they take less than one.
 */
export class SeriesList {
  /** Value of the label `device` of each of them; empty where they have none. */
  readonly device: string;
  readonly shape: Shape;
  /** Values of the other labels, each once; `shape` says where they stand. */
  readonly texts: readonly string[];
  readonly ids: Ids;

  constructor(of: { device: string; shape: Shape; texts: readonly string[]; ids: Ids }) {
    this.device = of.device;
    this.shape = of.shape;
    this.texts = of.texts;
    this.ids = of.ids;
  }

  get length(): number {
    return this.shape.nameOf.length;
  }

  id(i: number): number {
    return this.ids.at(i);
  }

  name(i: number): string {
    const { names, nameOf } = this.shape;
    return names[nameOf[i] as number] as string;
  }

  /** Number of the thing that series `i` is of: those of one row have the same labels. */
  row(i: number): number {
    return this.shape.rowOf[i] as number;
  }

  rowLabels(row: number): Labels {
    const { rowEnds, pairs, labelNames } = this.shape;
    const labels: string[] = [];
    for (let pair = row === 0 ? 0 : (rowEnds[row - 1] as number); pair < (rowEnds[row] as number); pair++)
      labels.push(labelNames[pairs[2 * pair] as number] as string, this.texts[pairs[2 * pair + 1] as number] as string);
    return labels;
  }

  /** All labels of a row, as they are told to others. */
  labelsOf(row: number): Record<string, string> {
    const labels = this.rowLabels(row);
    const entries = labels.flatMap((name, i) => (i % 2 === 0 ? [[name, labels[i + 1] as string] as const] : []));
    return Object.fromEntries(this.device === "" ? entries : [["device", this.device], ...entries]);
  }

  at(i: number): Series {
    return { id: this.id(i), name: this.name(i), labels: this.labelsOf(this.row(i)) };
  }

  /** Whether series `i` is the one of this name and these labels. */
  is(i: number, labels: Labels, name: string): boolean {
    if (i >= this.length || this.name(i) !== name) return false;
    const { rowEnds, pairs, labelNames } = this.shape;
    const row = this.row(i);
    const first = row === 0 ? 0 : (rowEnds[row - 1] as number);
    if (labels.length !== 2 * ((rowEnds[row] as number) - first)) return false;
    for (let at = 0; at < labels.length; at += 2) {
      const from = 2 * first + at;
      if (labelNames[pairs[from] as number] !== labels[at]) return false;
      if (this.texts[pairs[from + 1] as number] !== labels[at + 1]) return false;
    }
    return true;
  }

  /** Whether these are the same names and labels in the same order; ids are not looked at. */
  says(other: SeriesList): boolean {
    if (this === other) return true;
    const { device, shape, texts } = other;
    if (this.device !== device || this.shape !== shape) return false;
    return this.texts === texts || this.texts.every((text, i) => text === texts[i]);
  }

  *[Symbol.iterator](): Iterator<Series> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

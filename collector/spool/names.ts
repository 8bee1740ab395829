import { join } from "node:path";
import type { Series } from "../sample/sample.ts";
import {
  type Disk,
  type DiskFile,
  encodeRecord,
  type Found,
  payloadCrcOf,
  readPayload,
  scanRecords,
} from "../journal/index.ts";
import { decodeLayout, digestOf, encodeLayout, type Layout, readLayoutHead, textOf } from "./layout.ts";

const COPIES = ["names-a.log", "names-b.log"] as const;
const RECENT_PER_DEVICE_MAX = 4;

interface Entry {
  layout: Layout | undefined;
  seriesCount: number;
  /** Where it stands in each copy; undefined where it is missing or damaged. */
  places: (Found | undefined)[];
}

/**
 * The layouts of all batches in the spool. A name is worth more than a number, because many numbers hang on it: each is
 * written twice, to two files, and one that is damaged is healed from the other.
 */
export class Names {
  /** Layouts that neither copy holds whole any more. */
  readonly damaged: number;
  /** Whether one copy had to be made anew from the other. */
  wasHealed = false;
  private readonly disk: Disk;
  private readonly dir: string;
  private readonly paths: string[];
  private readonly seriesMax: number;
  private files: DiskFile[];
  private ends: number[] = [0, 0];
  private readonly entries = new Map<string, Entry>();
  private readonly recent = new Map<string, { series: Series[]; layout: Layout }[]>();
  private seriesCount = 0;

  constructor(options: { disk: Disk; dir: string; seriesMax: number }) {
    this.disk = options.disk;
    this.dir = options.dir;
    this.seriesMax = options.seriesMax;
    this.paths = COPIES.map((name) => join(options.dir, name));
    this.files = this.paths.map((path) => this.disk.open(path));
    this.damaged = this.load();
  }

  /** Undefined when there is no room for a new one: labels that change from poll to poll use it up. */
  layoutOf(device: string, series: Series[]): Layout | undefined {
    const recent = this.recent.get(device) ?? [];
    const known = recent.find((entry) => areSame(entry.series, series));
    if (known) return known.layout;
    const text = textOf(series);
    const digest = digestOf(text);
    let entry = this.entries.get(digest);
    if (!entry) {
      if (this.seriesCount + series.length > this.seriesMax) return undefined;
      entry = { layout: undefined, seriesCount: series.length, places: [undefined, undefined] };
      this.entries.set(digest, entry);
      this.seriesCount += series.length;
    }
    entry.layout = { digest, series };
    this.recent.set(device, [{ series, layout: entry.layout }, ...recent].slice(0, RECENT_PER_DEVICE_MAX));
    return entry.layout;
  }

  /** Undefined when its name is lost. */
  find(digest: string): Series[] | undefined {
    const entry = this.entries.get(digest);
    if (entry && !entry.layout) entry.layout = this.read(entry);
    return entry?.layout?.series;
  }

  /** Writes those of the layouts that are not on disk yet, and gives the files to sync. */
  save(digests: Iterable<string>): DiskFile[] {
    const unsaved = [...new Set(digests)].filter((digest) => {
      const entry = this.entries.get(digest);
      return entry?.layout && entry.places.includes(undefined);
    });
    for (const digest of unsaved) this.write(this.entries.get(digest) as Entry);
    return unsaved.length > 0 ? this.files : [];
  }

  /** After a failed sync nothing is known of what was written since: it is written again. */
  forgetPlaces(digests: Iterable<string>): void {
    for (const digest of digests) this.entries.get(digest)?.places.fill(undefined);
  }

  /** For when no stored batch needs a name. */
  clear(): void {
    this.entries.clear();
    this.recent.clear();
    this.seriesCount = 0;
    for (const file of this.files) file.truncate(0);
    this.ends = [0, 0];
  }

  /** For when nothing waits: what no device shows any more makes room for what is new. */
  keepRecent(): void {
    const recent = new Set([...this.recent.values()].flatMap((list) => list.map(({ layout }) => layout.digest)));
    for (const [digest, entry] of this.entries) {
      if (recent.has(digest)) continue;
      this.entries.delete(digest);
      this.seriesCount -= entry.seriesCount;
    }
    this.heal();
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private write({ layout, places }: Entry): void {
    if (!layout) return;
    const { digest, series } = layout;
    const payload = encodeLayout(digest, series.length, textOf(series));
    const meta = { kind: "names", id: 0, rank: 0, samples: series.length, fromMs: 0, toMs: 0 } as const;
    const record = encodeRecord(meta, payload);
    this.files.forEach((file, copy) => {
      const offset = this.ends[copy] as number;
      file.write(offset, record);
      this.ends[copy] = offset + record.length;
      places[copy] = { ...meta, offset, bytes: record.length, payloadCrc: payloadCrcOf(record) };
    });
  }

  private read({ places }: Entry): Layout | undefined {
    for (const [copy, place] of places.entries()) {
      const payload = place && readPayload(this.files[copy] as DiskFile, place);
      const layout = payload && decodeLayout(payload);
      if (layout) return layout;
    }
    return undefined;
  }

  /** Gives how many layouts are in no copy any more, and heals what one of them lacks. */
  private load(): number {
    const damages = this.files.map((file, copy) => this.loadCopy(file, copy));
    const incomplete = [...this.entries.values()].filter((entry) => entry.places.includes(undefined)).length;
    this.seriesCount = [...this.entries.values()].reduce((sum, entry) => sum + entry.seriesCount, 0);
    if (incomplete === 0 && Math.max(...damages) === 0) return 0;
    this.wasHealed = this.heal();
    return Math.max(0, Math.min(...damages) - incomplete);
  }

  private loadCopy(file: DiskFile, copy: number): number {
    const size = this.disk.sizeOf(this.paths[copy] as string);
    const scan = scanRecords(file, size);
    let damaged = scan.damages.length + (scan.end < size ? 1 : 0);
    for (const record of scan.records) {
      const payload = readPayload(file, record);
      const head = payload && readLayoutHead(payload);
      if (!head) {
        damaged += 1;
        continue;
      }
      const entry = this.entries.get(head.digest) ?? { ...head, layout: undefined, places: [undefined, undefined] };
      entry.places[copy] = record;
      this.entries.set(head.digest, entry);
    }
    file.truncate(scan.end);
    this.ends[copy] = scan.end;
    return damaged;
  }

  /** Both copies anew from what either holds; the old ones stay until the new ones are whole. False on a full disk. */
  private heal(): boolean {
    for (const entry of this.entries.values()) entry.layout = this.read(entry);
    const old = { files: this.files, ends: this.ends, places: [...this.entries.values()].map((e) => [...e.places]) };
    this.files = this.paths.map((path) => this.disk.open(`${path}.new`));
    this.ends = [0, 0];
    try {
      for (const file of this.files) file.truncate(0);
      for (const entry of this.entries.values()) this.write(entry);
      for (const file of this.files) file.syncNow();
    } catch {
      // The old copies are what they were; it is tried again at the next start.
      for (const file of this.files) file.close();
      for (const path of this.paths) this.disk.remove(`${path}.new`);
      this.files = old.files;
      this.ends = old.ends;
      for (const [index, entry] of [...this.entries.values()].entries()) entry.places = old.places[index] ?? [];
      return false;
    }
    for (const path of this.paths) this.disk.rename(`${path}.new`, path);
    this.disk.syncFolder(this.dir);
    for (const file of old.files) file.close();
    return true;
  }
}

function areSame(a: readonly Series[], b: readonly Series[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

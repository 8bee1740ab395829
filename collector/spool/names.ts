import { join } from "node:path";
import type { SeriesList } from "../sample/series-list.ts";
import {
  type Disk,
  type DiskFile,
  encodeRecord,
  payloadCrcOf,
  type Place,
  readPayload,
  scanRecords,
} from "../journal/index.ts";
import { decodeLayout, digestOf, encodeLayout, readLayoutHead, textOf } from "./layout.ts";

const COPIES = ["names-a.log", "names-b.log"] as const;
const RECENT_PER_DEVICE_MAX = 4;

/** The series that polls of one device give, in their order. */
export interface Layout {
  digest: string;
  /** One list for all batches of this layout: what is derived from it may be kept by its identity. */
  series: SeriesList | undefined;
  seriesCount: number;
  /** Where it stands in each copy; undefined where it is missing or damaged. */
  places: (Place | undefined)[];
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
  private readonly entries = new Map<string, Layout>();
  private readonly recent = new Map<string, Layout[]>();
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
  layoutOf(device: string, series: SeriesList): Layout | undefined {
    const recent = this.recent.get(device) ?? [];
    const known = recent.find((entry) => entry.series?.says(series));
    if (known) return known;
    const text = textOf(series);
    const digest = digestOf(text);
    let entry = this.entries.get(digest);
    if (!entry) {
      if (this.seriesCount + series.length > this.seriesMax) return undefined;
      entry = { digest, series, seriesCount: series.length, places: [undefined, undefined] };
      this.entries.set(digest, entry);
      this.seriesCount += series.length;
    }
    entry.series = series;
    this.recent.set(device, [entry, ...recent].slice(0, RECENT_PER_DEVICE_MAX));
    return entry;
  }

  /** Undefined when its name is lost. */
  find(digest: string): SeriesList | undefined {
    const entry = this.entries.get(digest);
    if (entry) entry.series ??= this.read(entry);
    return entry?.series;
  }

  /** Writes those of the layouts that are not on disk yet, and gives the files to sync. */
  save(digests: Iterable<string>): DiskFile[] {
    const unsaved = [...new Set(digests)].filter((digest) => {
      const entry = this.entries.get(digest);
      return entry?.series && entry.places.includes(undefined);
    });
    for (const digest of unsaved) this.write(this.entries.get(digest) as Layout);
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
    const recent = new Set([...this.recent.values()].flatMap((list) => list.map(({ digest }) => digest)));
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

  private write({ digest, series, places }: Layout): void {
    if (!series) return;
    const payload = encodeLayout(digest, series.length, textOf(series));
    const meta = { kind: "names", id: 0, rank: 0, samples: series.length, fromMs: 0, toMs: 0 } as const;
    const record = encodeRecord(meta, payload);
    this.files.forEach((file, copy) => {
      const offset = this.ends[copy] as number;
      file.write(offset, record);
      this.ends[copy] = offset + record.length;
      places[copy] = { offset, bytes: record.length, payloadCrc: payloadCrcOf(record) };
    });
  }

  private read({ places }: Layout): SeriesList | undefined {
    for (const [copy, place] of places.entries()) {
      const payload = place && readPayload(this.files[copy] as DiskFile, place);
      const series = payload && decodeLayout(payload);
      if (series) return series;
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
      const entry = this.entries.get(head.digest) ?? { ...head, series: undefined, places: [undefined, undefined] };
      const { offset, bytes, payloadCrc } = record;
      entry.places[copy] = { offset, bytes, payloadCrc };
      this.entries.set(head.digest, entry);
    }
    file.truncate(scan.end);
    this.ends[copy] = scan.end;
    return damaged;
  }

  /** Both copies anew from what either holds; the old ones stay until the new ones are whole. False on a full disk. */
  private heal(): boolean {
    for (const entry of this.entries.values()) entry.series ??= this.read(entry);
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

import { join } from "node:path";
import { decodeRecord, type Disk, type DiskFile, encodeRecord } from "../journal/index.ts";

const FILES = ["mark-a", "mark-b"] as const;
/** A mark is as long as the longest, so that writing one anew asks a full disk for no room. */
const MARK_CHARACTERS = 112;

/** How far the numbering is. What is below `next` was promised: when the log lacks it, it was lost. */
export interface Mark {
  epoch: string;
  next: number;
  /** The hub has everything up to here. */
  acked: number;
}

/** Two files, written by turns: one of them is whole whatever a crash or a bad sector does to the other. */
export class MarkFiles {
  /** Undefined when there is none, or none that is whole. */
  readonly found: Mark | undefined;
  /** Files whose bytes are not as they were written; one of them may just not have been finished. */
  readonly damaged: number;
  private readonly files: DiskFile[];
  private turn: number;

  constructor(disk: Disk, dir: string) {
    const paths = FILES.map((name) => join(dir, name));
    const sizes = paths.map((path) => (disk.list(dir).some((name) => path.endsWith(name)) ? disk.sizeOf(path) : -1));
    this.files = paths.map((path) => disk.open(path));
    const read = this.files.map((file, index) => decodeRecord(file.read(0, Math.max(0, sizes[index] ?? 0))));
    const newest = read.toSorted((a, b) => (b?.meta.id ?? 0) - (a?.meta.id ?? 0))[0];
    this.turn = newest?.meta.id ?? 0;
    this.found = newest && (JSON.parse(new TextDecoder().decode(newest.payload)) as Mark);
    const expected = this.turn === 1 ? 1 : this.turn === 0 ? 0 : FILES.length;
    const whole = read.filter((record) => record !== undefined).length;
    const begun = sizes.filter((size) => size > 0).length;
    this.damaged = Math.max(expected, begun) - whole;
    disk.syncFolder(dir);
  }

  /** Sync it before what it says is promised. */
  write(mark: Mark): DiskFile {
    const turn = this.turn + 1;
    const file = this.files[turn % FILES.length] as DiskFile;
    const payload = new TextEncoder().encode(JSON.stringify(mark).padEnd(MARK_CHARACTERS));
    const record = encodeRecord({ kind: "mark", id: turn, rank: 0, samples: 0, fromMs: 0, toMs: 0 }, payload);
    file.write(0, record);
    file.truncate(record.length);
    // Not before: after a refusal the other file, which is whole, is not the next to be written.
    this.turn = turn;
    return file;
  }

  close(): void {
    for (const file of this.files) file.close();
  }
}

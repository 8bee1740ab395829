import { join } from "node:path";
import { type Disk, type DiskFile, payloadCrcOf, type RecordMeta } from "../journal/index.ts";
import { rawName } from "./segment-name.ts";
import type { Block, Segment, Shelf } from "./shelf.ts";

/** The file that commits go to. It grows by whole records only: what was written halfway is cut off again. */
export class ActiveSegment {
  readonly segment: Segment;
  private readonly file: DiskFile;
  private readonly shelf: Shelf;

  constructor(options: { disk: Disk; dir: string; number: number; shelf: Shelf }) {
    const { disk, dir, number, shelf } = options;
    const file = rawName(number);
    this.shelf = shelf;
    this.segment = { file, first: number, last: number, bytes: 0, blocks: [], pending: 0 };
    this.file = disk.open(join(dir, file));
    this.file.truncate(0);
    disk.syncFolder(dir);
    shelf.addSegment(this.segment);
  }

  /** Not on the shelf before it is synced. */
  write(meta: RecordMeta, record: Uint8Array): Block {
    const offset = this.segment.bytes;
    try {
      this.file.write(offset, record);
    } catch (error) {
      this.file.truncate(offset);
      throw error;
    }
    this.shelf.grow(this.segment, record.length);
    const payloadCrc = payloadCrcOf(record);
    return { ...meta, offset, bytes: record.length, payloadCrc, segment: this.segment, state: "pending", sentAtMs: 0 };
  }

  /** After a failed sync nobody knows what the disk holds of these bytes. */
  cutTo(bytes: number): void {
    this.shelf.grow(this.segment, bytes - this.segment.bytes);
    this.file.truncate(bytes);
  }

  sync(): Promise<void> {
    return this.file.sync();
  }

  syncNow(): void {
    this.file.syncNow();
  }

  close(): void {
    this.file.close();
  }
}

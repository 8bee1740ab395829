import { basename, dirname } from "node:path";
import type { Disk, DiskFile, Space } from "./disk.ts";

/** A disk in memory whose files a test may change behind the spool's back. */
export class MemoryDisk implements Disk {
  files: Map<string, Uint8Array>;

  constructor(files: Map<string, Uint8Array> = new Map()) {
    this.files = files;
  }

  copy(): MemoryDisk {
    return new MemoryDisk(new Map([...this.files].map(([path, bytes]) => [path, bytes.slice()])));
  }

  makeFolder(): void {
    return undefined;
  }

  list(folder: string): string[] {
    return [...this.files.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path));
  }

  sizeOf(path: string): number {
    return this.files.get(path)?.length ?? 0;
  }

  remove(path: string): void {
    this.files.delete(path);
  }

  rename(from: string, to: string): void {
    const bytes = this.files.get(from);
    if (!bytes) throw new Error(`${from} is not there`);
    this.files.delete(from);
    this.files.set(to, bytes);
  }

  syncFolder(): void {
    return undefined;
  }

  space(): Space {
    return { freeBytes: Number.MAX_SAFE_INTEGER, totalBytes: Number.MAX_SAFE_INTEGER };
  }

  lock(): () => void {
    return () => undefined;
  }

  open(path: string): DiskFile {
    const held = { bytes: this.files.get(path) ?? new Uint8Array(0) };
    this.files.set(path, held.bytes);
    const put = (bytes: Uint8Array): void => {
      for (const [known, content] of this.files) if (content === held.bytes) this.files.set(known, bytes);
      held.bytes = bytes;
    };
    return {
      read: (at, bytes) => held.bytes.slice(at, at + bytes),
      write: (at, bytes) => {
        const next = new Uint8Array(Math.max(held.bytes.length, at + bytes.length));
        next.set(held.bytes);
        next.set(bytes, at);
        put(next);
      },
      truncate: (bytes) => {
        const next = new Uint8Array(bytes);
        next.set(held.bytes.subarray(0, bytes));
        put(next);
      },
      sync: () => Promise.resolve(),
      syncNow: () => undefined,
      close: () => undefined,
    };
  }
}

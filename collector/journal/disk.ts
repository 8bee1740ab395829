import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { lockFolder } from "./lock.ts";

/** What the spool asks of a disk; a simulated one may lose, tear and flip what was not synced. */
export interface Disk {
  makeFolder(path: string): void;
  list(folder: string): string[];
  sizeOf(path: string): number;
  remove(path: string): void;
  rename(from: string, to: string): void;
  /** Names made, changed or removed in the folder so far survive power loss from now on. */
  syncFolder(path: string): void;
  space(folder: string): Space;
  /** Throws when another process, or another spool of this one, has the folder. Gives the way out; death is one too. */
  lock(folder: string): () => void;
  /** Opens for reading and writing, made when absent. */
  open(path: string): DiskFile;
}

export interface Space {
  freeBytes: number;
  totalBytes: number;
}

export interface DiskFile {
  /** May return less at the end of the file. The bytes are the caller's. */
  read(at: number, bytes: number): Uint8Array;
  /** All of it, or throws. */
  write(at: number, bytes: Uint8Array): void;
  truncate(bytes: number): void;
  sync(): Promise<void>;
  syncNow(): void;
  close(): void;
}

export const systemDisk: Disk = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  list: (folder) => readdirSync(folder),
  sizeOf: (path) => statSync(path).size,
  remove: (path) => rmSync(path, { force: true }),
  rename: (from, to) => renameSync(from, to),
  syncFolder(path) {
    const fd = openSync(path, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  space(folder) {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
  lock: lockFolder,
  open: (path) => new SystemFile(path),
};

class SystemFile implements DiskFile {
  readonly #fd: number;
  #syncs = 0;
  #closing = false;

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  read(at: number, bytes: number): Uint8Array {
    const target = new Uint8Array(bytes);
    let got = 0;
    while (got < bytes) {
      const count = readSync(this.#fd, target, got, bytes - got, at + got);
      if (count === 0) break;
      got += count;
    }
    return target.subarray(0, got);
  }

  write(at: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done, at + done);
  }

  truncate(bytes: number): void {
    ftruncateSync(this.#fd, bytes);
  }

  sync(): Promise<void> {
    this.#syncs += 1;
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => {
        this.#syncs -= 1;
        if (this.#closing && this.#syncs === 0) closeSync(this.#fd);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  syncNow(): void {
    fdatasyncSync(this.#fd);
  }

  /** A sync under way ends first: its descriptor must not become another file's. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#syncs === 0) closeSync(this.#fd);
  }
}

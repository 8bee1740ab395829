import { basename, dirname } from "node:path";
import type { Disk, DiskFile } from "../../../collector/journal/index.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const SECTOR_BYTES = 512;
const SYNC_MS_MAX = 25;
const DISK_BYTES = 1_073_741_824;

type Write = { at: number; bytes: Uint8Array } | { truncatedTo: number };

/** What stands on the platter, and what is only in the system's memory. */
interface Inode {
  durable: Uint8Array;
  current: Uint8Array;
  unsynced: Write[];
}

type NameChange = { path: string; inode: Inode | undefined };

/** A disk that keeps only what was synced; of the rest, power loss leaves a part that the seed decides. */
export class PowerLossDisk implements Disk {
  readonly #world: World;
  readonly #random: Random;
  readonly #syncs: boolean;
  readonly #names: Map<string, Inode>;
  readonly #durableNames: Map<string, Inode>;
  /** What all files may hold together; less when others fill the disk. */
  #bytesMax = DISK_BYTES;
  #nameChanges: NameChange[] = [];

  /** `syncs`: false for a disk that only says so. */
  constructor(world: World, random: Random, syncs: boolean, names: Map<string, Inode> = new Map()) {
    this.#world = world;
    this.#random = random;
    this.#syncs = syncs;
    this.#names = names;
    this.#durableNames = new Map(names);
  }

  /** The disk as the next life finds it. With `flips`, one bit of one file is turned too. */
  afterPowerLoss(options: { flips: boolean }): { disk: PowerLossDisk; flipped: string | undefined } {
    const names = new Map(this.#durableNames);
    for (const { path, inode } of this.#nameChanges.slice(0, this.#random.between(0, this.#nameChanges.length))) {
      if (inode) names.set(path, inode);
      else names.delete(path);
    }
    const fresh = new Map([...names].map(([path, inode]) => [path, this.#survivor(inode)]));
    const flipped = options.flips ? this.#flip(fresh) : undefined;
    return { disk: this.#next(fresh), flipped };
  }

  /** A clean stop: all of it. */
  afterStop(): PowerLossDisk {
    const fresh = new Map([...this.#names].map(([path, { current }]) => [path, inodeOf(current)]));
    return this.#next(fresh);
  }

  #next(names: Map<string, Inode>): PowerLossDisk {
    const disk = new PowerLossDisk(this.#world, this.#random, this.#syncs, names);
    disk.#bytesMax = this.#bytesMax;
    return disk;
  }

  makeFolder(): void {
    return undefined;
  }

  list(folder: string): string[] {
    const names = [...this.#names.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path));
    // A real one has an order of its own.
    return names.toSorted((a, b) => orderOf(a) - orderOf(b));
  }

  sizeOf(path: string): number {
    return this.#names.get(path)?.current.length ?? 0;
  }

  remove(path: string): void {
    this.#rename({ path, inode: undefined });
  }

  rename(from: string, to: string): void {
    const inode = this.#names.get(from);
    if (!inode) throw new Error(`${from} is not there`);
    this.#rename({ path: to, inode });
    this.#rename({ path: from, inode: undefined });
  }

  syncFolder(): void {
    for (const { path, inode } of this.#nameChanges) {
      if (inode) this.#durableNames.set(path, inode);
      else this.#durableNames.delete(path);
    }
    this.#nameChanges = [];
  }

  space(): ReturnType<Disk["space"]> {
    return { freeBytes: Math.max(0, this.#bytesMax - this.#usedBytes()), totalBytes: DISK_BYTES };
  }

  /** Others leave this much of the disk; undefined for all of it. */
  leave(freeBytes: number | undefined): void {
    this.#bytesMax = freeBytes === undefined ? DISK_BYTES : this.#usedBytes() + freeBytes;
  }

  get isLimited(): boolean {
    return this.#bytesMax < DISK_BYTES;
  }

  #usedBytes(): number {
    return [...this.#names.values()].reduce((sum, { current }) => sum + current.length, 0);
  }

  /** As far as there is room, as a real disk does. */
  #write(file: Inode, at: number, bytes: Uint8Array): void {
    const growth = Math.max(0, at + bytes.length - file.current.length);
    const missing = growth - Math.max(0, this.#bytesMax - this.#usedBytes());
    if (growth === 0 || missing <= 0) return change(file, { at, bytes: bytes.slice() });
    change(file, { at, bytes: bytes.slice(0, Math.max(0, bytes.length - missing)) });
    throw new Error("ENOSPC: no space left on device, write");
  }

  lock(): () => void {
    return () => undefined;
  }

  open(path: string): DiskFile {
    let inode = this.#names.get(path);
    if (!inode) {
      inode = inodeOf(new Uint8Array(0));
      this.#rename({ path, inode });
    }
    const file = inode;
    return {
      read: (at, bytes) => file.current.slice(at, at + bytes),
      write: (at, bytes) => this.#write(file, at, bytes),
      truncate: (bytes) => change(file, { truncatedTo: bytes }),
      sync: () => this.#sync(file),
      syncNow: () => this.#synced(file, file.unsynced.length, file.current),
      close: () => undefined,
    };
  }

  #rename(nameChange: NameChange): void {
    const { path, inode } = nameChange;
    if (inode) this.#names.set(path, inode);
    else this.#names.delete(path);
    this.#nameChanges.push(nameChange);
  }

  /** What was written before the call is durable when it resolves; what is written meanwhile need not be. */
  #sync(inode: Inode): Promise<void> {
    const writes = inode.unsynced.length;
    const content = inode.current;
    return new Promise((resolve) => {
      this.#world.after(this.#random.between(0, SYNC_MS_MAX), () => {
        this.#synced(inode, writes, content);
        resolve();
      });
    });
  }

  #synced(inode: Inode, writes: number, content: Uint8Array): void {
    if (!this.#syncs) return;
    if (inode.unsynced.length >= writes) inode.unsynced.splice(0, writes);
    inode.durable = content;
  }

  #survivor(inode: Inode): Inode {
    const random = this.#random;
    let bytes: Uint8Array = inode.durable;
    for (const write of inode.unsynced) {
      if (random.chance(0.4)) continue;
      bytes = "truncatedTo" in write ? truncated(bytes, write.truncatedTo) : written(bytes, torn(write, random));
    }
    return inodeOf(bytes);
  }

  #flip(names: Map<string, Inode>): string | undefined {
    const files = [...names].filter(([, { durable }]) => durable.length > 0);
    const chosen = files[this.#random.between(0, files.length - 1)];
    if (!chosen) return undefined;
    const [path, inode] = chosen;
    const bytes = inode.durable.slice();
    const at = this.#random.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#random.between(0, 7));
    names.set(path, inodeOf(bytes));
    return basename(path);
  }
}

function orderOf(name: string): number {
  return Bun.hash.crc32(name);
}

function inodeOf(bytes: Uint8Array): Inode {
  return { durable: bytes, current: bytes, unsynced: [] };
}

function change(inode: Inode, write: Write): void {
  inode.current = "truncatedTo" in write ? truncated(inode.current, write.truncatedTo) : written(inode.current, write);
  inode.unsynced.push(write);
}

function truncated(bytes: Uint8Array, length: number): Uint8Array {
  const next = new Uint8Array(length);
  next.set(bytes.subarray(0, length));
  return next;
}

function written(bytes: Uint8Array, write: { at: number; bytes: Uint8Array }): Uint8Array {
  const next = new Uint8Array(Math.max(bytes.length, write.at + write.bytes.length));
  next.set(bytes);
  next.set(write.bytes, write.at);
  return next;
}

/** The beginning of the write, up to a sector of the file; now and then all of it. */
function torn(write: { at: number; bytes: Uint8Array }, random: Random): { at: number; bytes: Uint8Array } {
  if (random.chance(0.3)) return write;
  const end = write.at + random.between(0, write.bytes.length);
  const sectorEnd = random.chance(0.5) ? end : Math.floor(end / SECTOR_BYTES) * SECTOR_BYTES;
  return { at: write.at, bytes: write.bytes.subarray(0, Math.max(0, sectorEnd - write.at)) };
}

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "./random.ts";

const SECTOR_BYTES = 512;

const isLog = (entry: string): boolean => !entry.endsWith(".sqlite") && !entry.endsWith("-shm");

/** Every file below a folder, by its path there. */
export type DiskImage = Map<string, Uint8Array>;

export function readImage(dir: string): DiskImage {
  const image: DiskImage = new Map();
  for (const entry of readdirSync(dir, { recursive: true }).map(String).toSorted()) {
    const path = join(dir, entry);
    if (statSync(path).isFile()) image.set(entry, new Uint8Array(readFileSync(path)));
  }
  return image;
}

export function writeImage(dir: string, image: DiskImage): void {
  for (const [entry, bytes] of image) {
    const path = join(dir, entry);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, bytes);
  }
}

/**
 * What power loss leaves of a write that was not finished: whatever was synced before, and of the new bytes only some.
 * Logs are written in order, so a log keeps a beginning of the new; a database file is written only after its log is
 * whole and synced, and keeps any of the new sectors.
 */
export function torn(before: DiskImage, after: DiskImage, random: Random): DiskImage {
  const image: DiskImage = new Map(before);
  const logs = [...after].filter(([entry]) => isLog(entry));
  const logsWhole = random.chance(0.3);
  for (const [entry, bytes] of logs) {
    const old = before.get(entry) ?? new Uint8Array(0);
    image.set(entry, logsWhole ? bytes : beginning(old, bytes, random));
  }
  if (!logsWhole) return image;
  for (const [entry, bytes] of after) {
    if (isLog(entry)) continue;
    image.set(entry, someSectors(before.get(entry) ?? new Uint8Array(0), bytes, random));
  }
  return image;
}

/** The new bytes up to some place, the old ones after it. */
function beginning(old: Uint8Array, fresh: Uint8Array, random: Random): Uint8Array {
  let first = 0;
  while (first < fresh.length && fresh[first] === old[first]) first += 1;
  if (first === fresh.length) return old;
  const cut = random.between(first, fresh.length - 1);
  const mixed = new Uint8Array(Math.max(cut, old.length));
  mixed.set(old);
  mixed.set(fresh.subarray(0, cut));
  return mixed;
}

function someSectors(old: Uint8Array, fresh: Uint8Array, random: Random): Uint8Array {
  const mixed = new Uint8Array(fresh.length);
  mixed.set(old.subarray(0, fresh.length));
  for (let at = 0; at < fresh.length; at += SECTOR_BYTES) {
    if (random.chance(0.5)) mixed.set(fresh.subarray(at, at + SECTOR_BYTES), at);
  }
  return mixed;
}

/** Turns one bit of one database file. Gives its name, or undefined when there is none. */
export function flipBit(image: DiskImage, random: Random): string | undefined {
  const files = [...image].filter(([entry, bytes]) => entry.endsWith(".sqlite") && bytes.length > 0);
  const chosen = files[random.between(0, files.length - 1)];
  if (!chosen) return undefined;
  const [entry, bytes] = chosen;
  const flipped = new Uint8Array(bytes);
  const at = random.between(0, bytes.length - 1);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.between(0, 7));
  image.set(entry, flipped);
  return entry;
}

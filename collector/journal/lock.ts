import { Database } from "bun:sqlite";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** SQLite's lock on an empty file: held across processes, and let go by the system when the process ends in any way. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, "lock");
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) rmSync(path);
  const db = new Database(path, { create: true });
  try {
    db.run("PRAGMA locking_mode = EXCLUSIVE");
    db.run("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    throw new Error(`${path} is held by another process. Does a collector run in this folder already?`, {
      cause: error,
    });
  }
  return () => db.close();
}

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

/** Reads the file, or makes it with `create` and keeps it: owner-only, whole or not at all, on disk before we return. */
export async function readOrCreate(path: string, create: () => Promise<string>): Promise<string> {
  if (existsSync(path)) return readFileSync(path, "utf8");
  const text = await create();
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const partial = join(folder, `.${process.pid}.partial`);
  const file = openSync(partial, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
  syncFolder(folder);
  return text;
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

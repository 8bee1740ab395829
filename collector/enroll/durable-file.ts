import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces the file whole: after a crash it is the old one or the new one. Only this user may read it. */
export function replaceFile(path: string, text: string): void {
  const dir = dirname(path);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  withFile(temporary, "w", (file) => {
    writeSync(file, text);
    fsyncSync(file);
  });
  renameSync(temporary, path);
  withFile(dir, "r", fsyncSync);
}

function withFile(path: string, flags: string, use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Containers } from "./containers.ts";
import type { Engine } from "./engine/index.ts";

/** Servers that all tests of one process share; each test gets a database of its own inside them. */
export interface SharedServers {
  postgresUrl?: Promise<string>;
  victoriaMetricsUrl?: Promise<string>;
  engine?: Promise<Engine>;
  containers?: Promise<Containers | undefined>;
  databases: number;
  /** Undone when the tests end (see teardown.ts); servers also carry a parent-death signal. */
  cleanup: (() => void | Promise<void>)[];
}

const KEY = Symbol.for("watchpost.test.servers");
const globals = globalThis as { [KEY]?: SharedServers };

export function shared(): SharedServers {
  globals[KEY] ??= { databases: 0, cleanup: [] };
  return globals[KEY];
}

export function onEnd(undo: () => void | Promise<void>): void {
  shared().cleanup.push(undo);
}

/** A folder that any account may enter, removed when the tests end. */
export function scratchDir(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `watchpost-test-${name}-`));
  chmodSync(dir, 0o755);
  onEnd(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Stops the servers and removes the folders, newest first. */
export async function stopSharedServers(): Promise<void> {
  for (const undo of shared().cleanup.splice(0).toReversed()) await undo();
}

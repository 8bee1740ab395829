import { join } from "node:path";

/**
 * The browser's TypeScript as one file of plain JavaScript. Runs as a macro: when the hub is compiled, or when this
 * checkout is started, so that the result is text inside the program and nothing is built while it serves.
 */
export function bundle(entry: string): string {
  const path = join(import.meta.dir, "browser", entry);
  const built = Bun.spawnSync([process.execPath, "build", path, "--target=browser", "--format=iife", "--minify"]);
  if (built.exitCode !== 0) throw new Error(`bundling ${path} ended with code ${built.exitCode}: ${built.stderr}`);
  return built.stdout.toString();
}

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Lab } from "../../lab/index.ts";
import { DEMO_SCRIPTS } from "./demo-scripts.ts";

const POLL_INTERVAL_MS = 5_000;

export interface SiteOptions {
  dir: string;
  statusPort: number;
  lab: Lab | undefined;
}

/** Writes collector.yaml for this start; ports change between starts, the identity stays. Returns its path. */
export function writeCollectorConfig(options: SiteOptions): string {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const devices = options.lab?.siteConfig() ?? {};
  const config = {
    name: "harbor-1",
    dataDir: options.dir,
    status: { port: options.statusPort },
    scripts: { enabled: options.lab !== undefined, allow: options.lab ? DEMO_SCRIPTS.map((s) => s.name) : [] },
    ...devices,
    poll: { intervalMs: POLL_INTERVAL_MS, timeoutMs: 1_000, retries: 1 },
  };
  const path = join(options.dir, "collector.yaml");
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}

export function isEnrolled(dir: string): boolean {
  return existsSync(join(dir, "identity"));
}

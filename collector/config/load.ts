import { readFileSync } from "node:fs";
import { type Parsed, parseConfig } from "./parse.ts";
import type { CollectorConfig } from "./schema.ts";
import type { Environment } from "./secret.ts";

export type Loaded = Parsed<CollectorConfig> | { kind: "unreadable"; message: string };

export function loadConfig(file: string, env: Environment): Loaded {
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      kind: "unreadable",
      message: `cannot read the configuration ${file}: ${reason}. Name it with --config FILE.`,
    };
  }
  return parseConfig(source, { file, env });
}

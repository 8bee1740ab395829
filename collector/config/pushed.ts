import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { parseSitePart } from "./parse.ts";
import { formatProblem } from "./problem.ts";
import type { Credential, SitePart } from "./schema.ts";

const storedSchema = z.strictObject({ version: z.int().min(1), yaml: z.string() });
const REASON_CHARS_MAX = 2_000;

export type PushedSite =
  | { kind: "none" }
  | { kind: "in-force"; version: number; site: SitePart }
  | { kind: "unusable"; reason: string };

export type Push = { kind: "applied"; site: SitePart } | { kind: "refused"; reason: string };

/** The configuration that the hub pushed last and that this collector accepted. It outlives a restart. */
export interface PushedConfig {
  read(): PushedSite;
  /** Checks the text against the schema and the local credentials; keeps it on disk only when it is whole and right. */
  accept(version: number, yaml: string): Push;
}

export function openPushedConfig(options: { dataDir: string; credentials: readonly Credential[] }): PushedConfig {
  const file = join(options.dataDir, "pushed-config.json");
  return {
    read: () => readStored(file, options.credentials),
    accept(version, yaml) {
      const parsed = parseSitePart(yaml, {
        file: `configuration ${version} of the hub`,
        credentials: options.credentials,
      });
      if (parsed.kind === "invalid") return { kind: "refused", reason: reasonOf(parsed.problems.map(formatProblem)) };
      writeAtomically(file, JSON.stringify({ version, yaml }));
      return { kind: "applied", site: parsed.config };
    },
  };
}

function readStored(file: string, credentials: readonly Credential[]): PushedSite {
  if (!existsSync(file)) return { kind: "none" };
  let stored: z.output<typeof storedSchema>;
  try {
    stored = storedSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "unusable", reason: `${file} is damaged (${reason}); the hub will push it again` };
  }
  const parsed = parseSitePart(stored.yaml, { file, credentials });
  if (parsed.kind === "ok") return { kind: "in-force", version: stored.version, site: parsed.config };
  const problems = reasonOf(parsed.problems.map(formatProblem));
  return { kind: "unusable", reason: `configuration ${stored.version} of the hub does not fit any more: ${problems}` };
}

function reasonOf(problems: string[]): string {
  const text = problems.join("\n");
  return text.length > REASON_CHARS_MAX ? `${text.slice(0, REASON_CHARS_MAX)}… (${problems.length} problems)` : text;
}

/** Either the old file or the new one is there after a crash, never half of one. */
function writeAtomically(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.new`;
  const handle = openSync(temporary, "w", 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

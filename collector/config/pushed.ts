import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { parseSitePart } from "./parse.ts";
import { formatProblem } from "./problem.ts";
import type { Credential, SitePart } from "./schema.ts";

const keptSchema = z.strictObject({ version: z.int().min(1), yaml: z.string() });
const storedSchema = z.strictObject({
  /** Has settled: the way back from what is on trial. */
  proven: keptSchema.optional(),
  /**
   * In force, not settled yet: `starts` counts those since it came, or since a stop that was asked for (then -1 until the
   * next). `isApplied`: it proved itself, but can still be given up.
   */
  trial: keptSchema.extend({ starts: z.int().min(-1), isApplied: z.boolean().default(false) }).optional(),
  /** Was given up; it is refused when it comes again. */
  rolledBack: z.strictObject({ version: z.int().min(1), reason: z.string() }).optional(),
});
type Stored = z.output<typeof storedSchema>;
const REASON_CHARS_MAX = 2_000;
/** Starts that a configuration on trial may take to settle: one more and it is what ends them. */
const TRIAL_STARTS_MAX = 1;

export type PushedSite =
  | { kind: "none" }
  | { kind: "in-force"; version: number; site: SitePart; isProven: boolean }
  | { kind: "unusable"; reason: string };

export type Push = { kind: "applied"; site: SitePart } | { kind: "refused"; reason: string };

/** The configuration that the hub pushed last and that this collector accepted. It outlives a restart. */
export interface PushedConfig {
  /** Once at each start: one that was on trial at too many of them is given up for the one before. */
  read(): PushedSite;
  /** Checks the text against the schema and the local credentials; what is whole and right stays, on trial. */
  accept(version: number, yaml: string): Push;
  /** What is on trial has proven itself. */
  prove(): void;
  /** What has proven itself stays for good. */
  settle(): void;
  /** This process ends because somebody asked it to. */
  stopped(): void;
  /** Gives up what is on trial, remembers why, and gives what was in force before. */
  rollBack(reason: string): PushedSite;
  /** Version that has proven itself; 0 when only the local file has. */
  provenVersion(): number;
}

export function openPushedConfig(options: { dataDir: string; credentials: readonly Credential[] }): PushedConfig {
  return new PushedConfigFile(join(options.dataDir, "pushed-config.json"), options.credentials);
}

class PushedConfigFile implements PushedConfig {
  readonly #file: string;
  readonly #credentials: readonly Credential[];
  #stored: Stored = {};

  constructor(file: string, credentials: readonly Credential[]) {
    this.#file = file;
    this.#credentials = credentials;
  }

  read(): PushedSite {
    if (!existsSync(this.#file)) return { kind: "none" };
    try {
      this.#stored = storedSchema.parse(JSON.parse(readFileSync(this.#file, "utf8")));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: "unusable", reason: `${this.#file} is damaged (${reason}); the hub will push it again` };
    }
    const { trial } = this.#stored;
    if (!trial) return this.#former();
    if (trial.starts >= TRIAL_STARTS_MAX) {
      return this.rollBack(reasonToGiveUp(trial));
    }
    this.#keep({ ...this.#stored, trial: { ...trial, starts: trial.starts + 1 } });
    const site = this.#parsed(trial, trial.isApplied);
    return site.kind === "unusable" && !trial.isApplied ? this.rollBack(site.reason) : site;
  }

  accept(version: number, yaml: string): Push {
    const before = this.#stored;
    const { rolledBack, trial } = before;
    if (rolledBack?.version === version) return { kind: "refused", reason: rolledBack.reason };
    const starts = trial?.version === version ? trial.starts : 0;
    // Before it is looked at: a text that ends or blocks whoever checks it is given up like any other.
    const proven = trial?.isApplied === true && trial.version !== version ? keptOf(trial) : before.proven;
    this.#keep({ ...before, ...(proven ? { proven } : {}), trial: { version, yaml, starts, isApplied: false } });
    const parsed = parseSitePart(yaml, {
      file: `configuration ${version} of the hub`,
      credentials: this.#credentials,
    });
    if (parsed.kind === "invalid") {
      this.#keep(before);
      return { kind: "refused", reason: reasonOf(parsed.problems.map(formatProblem)) };
    }
    return { kind: "applied", site: parsed.config };
  }

  prove(): void {
    const { trial, proven } = this.#stored;
    if (trial) this.#keep({ ...(proven ? { proven } : {}), trial: { ...trial, isApplied: true } });
  }

  settle(): void {
    const { trial } = this.#stored;
    if (trial?.isApplied) this.#keep({ proven: keptOf(trial) });
  }

  stopped(): void {
    const { trial } = this.#stored;
    if (trial) this.#keep({ ...this.#stored, trial: { ...trial, starts: -1 } });
  }

  rollBack(reason: string): PushedSite {
    const { proven, trial } = this.#stored;
    if (trial) {
      const rolledBack = { version: trial.version, reason: reasonOf([`rolled back: ${reason}`]) };
      this.#keep({ ...(proven ? { proven } : {}), rolledBack });
    }
    return this.#former();
  }

  provenVersion(): number {
    const { trial, proven } = this.#stored;
    return (trial?.isApplied ? trial : proven)?.version ?? 0;
  }

  #former(): PushedSite {
    const { proven } = this.#stored;
    return proven ? this.#parsed(proven, true) : { kind: "none" };
  }

  #parsed(kept: z.output<typeof keptSchema>, isProven: boolean): PushedSite {
    const parsed = parseSitePart(kept.yaml, { file: this.#file, credentials: this.#credentials });
    if (parsed.kind === "ok") return { kind: "in-force", version: kept.version, site: parsed.config, isProven };
    const problems = reasonOf(parsed.problems.map(formatProblem));
    return { kind: "unusable", reason: `configuration ${kept.version} of the hub does not fit any more: ${problems}` };
  }

  #keep(stored: Stored): void {
    writeAtomically(this.#file, JSON.stringify(stored));
    this.#stored = stored;
  }
}

function keptOf({ version, yaml }: z.output<typeof keptSchema>): z.output<typeof keptSchema> {
  return { version, yaml };
}

function reasonToGiveUp({ version, starts, isApplied }: NonNullable<Stored["trial"]>): string {
  const tooSoon = isApplied
    ? `within a minute of a start with configuration ${version}`
    : `before configuration ${version} had proven itself`;
  return `the collector ended ${starts + 1} times ${tooSoon}`;
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

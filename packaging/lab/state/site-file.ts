import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { between, PLANNED_DEVICES, randomFor } from "../topology/index.ts";

const DAY_MS = 86_400_000;
const PASSWORD_NAMES = [
  "community",
  "communityV1",
  "coreAuth",
  "corePriv",
  "firewallAuth",
  "firewallPriv",
  "routerAuth",
  "routerPriv",
  "accessAuth",
  "accessPriv",
] as const;

const port = z.int().min(0).max(65_535);
const boot = z.strictObject({ bootedAtMs: z.number(), engineBoots: z.int().min(1) });

/** What a lab keeps between two runs, so that a restart of the lab is no restart of its devices. */
const siteFileSchema = z.strictObject({
  version: z.literal(1),
  seed: z.int(),
  epochMs: z.number(),
  port,
  uplinkPorts: z.strictObject({ link: port, enrollment: port, remoteWrite: port }),
  passwords: z.record(z.enum(PASSWORD_NAMES), z.string().min(8)),
  boots: z.record(z.string(), boot),
});

export type SiteFile = z.output<typeof siteFileSchema>;
export type Passwords = SiteFile["passwords"];

const FILE = "site.json";

/** Reads the site of this folder, or makes a new one. Another seed than the file's makes another site. */
export function openSiteFile(dir: string, options: { seed?: number; nowMs: number }): SiteFile {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const kept = readSiteFile(join(dir, FILE));
  if (kept && (options.seed === undefined || options.seed === kept.seed)) return withAllBoots(kept, options.nowMs);
  const file = newSiteFile(options.seed ?? 1, options.nowMs);
  writeSiteFile(dir, file);
  return file;
}

export function writeSiteFile(dir: string, file: SiteFile): void {
  const path = join(dir, FILE);
  const temporary = `${path}.new`;
  writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

function readSiteFile(path: string): SiteFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const parsed = siteFileSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is not a lab site (${z.prettifyError(parsed.error)}); delete it to start a new one`);
}

/** Undefined for what is no JSON, which no schema accepts. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function newSiteFile(seed: number, nowMs: number): SiteFile {
  const epochMs = Math.floor(nowMs) - 60 * DAY_MS;
  const passwords = Object.fromEntries(PASSWORD_NAMES.map((name) => [name, randomBytes(15).toString("base64url")]));
  const file = {
    version: 1,
    seed,
    epochMs,
    port: 0,
    uplinkPorts: { link: 0, enrollment: 0, remoteWrite: 0 },
    passwords,
    boots: {},
  };
  return withAllBoots(siteFileSchema.parse(file), nowMs);
}

/** Devices have been up for between two and fifty days, and were started a few times before. */
function withAllBoots(file: SiteFile, nowMs: number): SiteFile {
  const boots = { ...file.boots };
  for (const { name } of PLANNED_DEVICES) {
    const random = randomFor(file.seed, "boot", name);
    const bootedAtMs = Math.floor(nowMs - between(random, 2, 50) * DAY_MS);
    boots[name] ??= { bootedAtMs, engineBoots: Math.floor(between(random, 2, 30)) };
  }
  return { ...file, boots };
}

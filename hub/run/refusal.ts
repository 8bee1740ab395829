import { accessSync, constants, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { migrate } from "@watchpost/db";

/** Makes the data folder, or says in one sentence why it cannot be used. */
export function requireDataDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = reasonOf(error);
    throw new Error(`the data folder ${resolve(dir)} cannot be written (${why}). Choose another with --data.`, {
      cause: error,
    });
  }
}

/** Migrates, or says which database it was that did not answer, without its password. */
export async function migrateOrExplain(databaseUrl: string): Promise<string[]> {
  try {
    return (await migrate(databaseUrl)).applied;
  } catch (error) {
    const { hostname, port, pathname } = new URL(databaseUrl);
    const where = `${hostname}:${port || "5432"}${pathname}`;
    // What the driver says has a code; what the migration refuses says by itself what to do.
    const next = error instanceof Error && "code" in error ? ". Check DATABASE_URL." : "";
    throw new Error(`Postgres ${where} cannot be used: ${reasonOf(error)}${next}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { connectDatabase } from "@watchpost/db";
import type { HubConfig } from "../config/index.ts";
import { type Context, systemClock } from "../context.ts";
import { readRunningFile, type RunningFile } from "../run/index.ts";

/** Runs one command on the database of the settings, else on that of the hub which runs on the data folder. */
export async function onDatabase<T>(
  config: HubConfig,
  command: (ctx: Context, running: RunningFile | undefined) => Promise<T>,
): Promise<T> {
  const running = readRunningFile(config.dataDir);
  const databaseUrl = config.databaseUrl ?? running?.databaseUrl;
  if (databaseUrl === undefined) {
    throw new Error(
      `no hub runs on ${config.dataDir}, and DATABASE_URL is not set. Start the hub, or name its folder with --data.`,
    );
  }
  const connection = connectDatabase(databaseUrl, { connectionsMax: 1 });
  try {
    return await command({ db: connection.db, clock: systemClock, actor: { kind: "system" } }, running);
  } finally {
    await connection.close();
  }
}

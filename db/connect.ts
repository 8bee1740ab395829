import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import * as schema from "./schema/index.ts";

export type Database = PostgresJsDatabase<typeof schema>;
/** What a domain verb gets inside `db.transaction`. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

export interface DatabaseConnection {
  db: Database;
  /** A second client for LISTEN and hand-written SQL: drizzle changes the parsers of its own. */
  sql: postgres.Sql;
  close(): Promise<void>;
}

/** Opens two bounded pools on the database at `url`. */
export function connectDatabase(url: string, options: { connectionsMax?: number } = {}): DatabaseConnection {
  const connectionsMax = options.connectionsMax ?? 10;
  const common = {
    onnotice: () => undefined,
    // A plan that was kept from when a table was empty reads all of it once it is not: 50 ms instead of 3.
    connection: { plan_cache_mode: "force_custom_plan" },
  };
  const client = postgres(url, { max: connectionsMax, ...common });
  const sql = postgres(url, { max: 3, ...common });
  return {
    db: drizzle(client, { schema }),
    sql,
    async close() {
      await Promise.all([client.end({ timeout: 5 }), sql.end({ timeout: 5 })]);
    },
  };
}

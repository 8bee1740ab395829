import type { Db } from "pg-boss";
import type { Hub } from "../hub.ts";

/** Postgres works the type of such a parameter out by itself, as it does for pg-boss's own driver. */
const UNKNOWN_TYPE = 705;
const STARTS_TRANSACTION = /^\s*BEGIN\b/i;

/** pg-boss over the client that is there: no second driver, no second pool. */
export function queueDatabase(sql: Hub["sql"]): Db {
  return {
    async executeSql(text, values = []) {
      if (!STARTS_TRANSACTION.test(text)) {
        // Few texts, run again and again: planning them took longer than running them.
        const prepare = values.length > 0;
        return { rows: rowsOf(await sql.unsafe(text, values.map(parameter), { prepare })) };
      }
      // A script that opens a transaction must stay on one connection.
      const connection = await sql.reserve();
      try {
        return { rows: rowsOf(await connection.unsafe(text)) };
      } finally {
        connection.release();
      }
    },
  };

  /** Text stays as it is: the client would encode JSON a second time if it knew the column. */
  function parameter(value: unknown) {
    return typeof value === "string" ? sql.typed(value, UNKNOWN_TYPE) : (value as never);
  }
}

/** Several statements answer with a list of lists. */
function rowsOf(result: readonly unknown[]): unknown[] {
  return result.flatMap((row) => row);
}

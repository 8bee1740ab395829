import type { approvals, scriptExecutions } from "@watchpost/db/schema";
import { and, desc, eq, lt } from "drizzle-orm";
import { type ListInput, limitOf, uuidCursor } from "./paging.ts";

export interface ListRuns<Status extends string> extends ListInput {
  status?: Status | undefined;
  incidentId?: string | undefined;
}

/** Approvals or executions: what a page of them asks of the database, one row more than it shows. */
export function newestFirst(table: typeof approvals | typeof scriptExecutions, input: ListRuns<string>) {
  const { status, incidentId } = input;
  const limit = limitOf(input);
  const cursor = uuidCursor(input);
  const where = and(
    status === undefined ? undefined : eq(table.status, status),
    incidentId === undefined ? undefined : eq(table.incidentId, incidentId),
    cursor === undefined ? undefined : lt(table.id, cursor),
  );
  return { where, order: desc(table.id), limit, rowsMax: limit + 1 };
}
